/* SPDX-License-Identifier: MIT */
/* Collective functions at any local size. */
kernel void group_functions(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g];
	uint lsz = get_local_size(0);

	out[g * 4] = work_group_scan_inclusive_add(x) ^ work_group_scan_exclusive_add(x) * 3;
	out[g * 4 + 1] = work_group_reduce_max(x) * 1000 + work_group_broadcast(x, lsz / 2);
	out[g * 4 + 2] = (uint)work_group_scan_exclusive_max((int)x - 100) +
			 work_group_scan_inclusive_min(x) +
			 (uint)(work_group_any(x == 77) * 4 + work_group_all(x < 250) * 8);
	out[g * 4 + 3] = (uint)work_group_reduce_add((ulong)x << 30) +
			 (uint)work_group_reduce_add((float)x) + (uint)work_group_reduce_min((double)x);
}
