/* SPDX-License-Identifier: MIT */
/* A sub-group is a chunk; collective functions also in flow that is uniform in it. */
kernel void sub_groups(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g];

	out[g * 4] = get_sub_group_local_id() + 100 * get_sub_group_id() +
		     10000 * get_sub_group_size() + 1000000 * get_num_sub_groups();
	out[g * 4 + 1] = sub_group_scan_inclusive_add(x) + 1000 * sub_group_scan_exclusive_add(x);
	out[g * 4 + 2] = sub_group_reduce_max(x) + 1000 * sub_group_broadcast(x, 0);
	if (get_sub_group_id() & 1)
		out[g * 4 + 3] = sub_group_reduce_add(x) + 1000000 * (uint)sub_group_any(x > 240);
	else
		out[g * 4 + 3] = sub_group_scan_exclusive_max(x) + 7u * (uint)sub_group_all(x < 200);
	sub_group_barrier(CLK_LOCAL_MEM_FENCE);
	out[g * 4 + 3] += get_max_sub_group_size() * 10000000;
}
