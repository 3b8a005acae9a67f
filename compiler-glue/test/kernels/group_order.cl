/* SPDX-License-Identifier: MIT */
/* Writes before a barrier are seen after it, also through global memory and one lane's loop. */
kernel void group_order(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint lid = get_local_id(0), lsz = get_local_size(0);
	local struct {
		uchar pad;
		ulong total;
		uint most;
	} shared;

	out[g * 4] = in[g];
	barrier(CLK_GLOBAL_MEM_FENCE);
	if (lid == lsz - 1) {
		shared.total = 0;
		shared.most = 0;
		for (uint i = 0; i < lsz; i++) {
			shared.total += out[(g - lid + i) * 4];
			shared.most = max(shared.most, out[(g - lid + i) * 4]);
		}
	}
	barrier(CLK_LOCAL_MEM_FENCE);
	/* A barrier that depends on what was computed. */
	if (shared.total % 2 == 0) {
		lp[lid] = out[g * 4] + shared.most;
		barrier(CLK_LOCAL_MEM_FENCE);
		out[g * 4 + 1] = lp[(lid + n) % lsz];
	}
	out[g * 4 + 2] = (uint)shared.total;
	work_group_barrier(CLK_LOCAL_MEM_FENCE, memory_scope_work_group);
	out[g * 4 + 3] = shared.most;
}
