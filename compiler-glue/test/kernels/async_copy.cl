/* SPDX-License-Identifier: MIT */
/* Copies by the whole group, plain and strided. */
kernel void async_copy(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint lid = get_local_id(0), lsz = get_local_size(0);
	size_t first = get_group_id(0) * get_enqueued_local_size(0);
	local uint every[64];
	event_t events[2];

	prefetch(in + first, lsz);
	events[0] = async_work_group_copy(lp, in + first, lsz, 0);
	events[1] = async_work_group_strided_copy(every, in, 13, 3, 0);
	wait_group_events(2, events);
	out[g * 4] = lp[lsz - 1 - lid];
	out[g * 4 + 1] = every[lid % 13];
	barrier(CLK_LOCAL_MEM_FENCE);
	lp[lid] += 5;
	barrier(CLK_LOCAL_MEM_FENCE);
	events[0] = async_work_group_strided_copy(out + first * 4 + 2, lp, lsz, 4, 0);
	wait_group_events(1, events);
	out[g * 4 + 3] = every[12];
}
