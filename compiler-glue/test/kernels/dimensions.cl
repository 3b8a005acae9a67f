/* SPDX-License-Identifier: MIT */
/* Queries with a dimension that is known at run time only and differs between lanes. */
kernel void dimensions(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0) + get_global_size(0) * (get_global_id(1) + get_global_size(1) * get_global_id(2));
	uint dim = in[g] % 5;

	out[g * 4] = (uint)(get_global_id(dim) + 100 * get_local_id(dim) + 10000 * get_group_id(dim));
	out[g * 4 + 1] = (uint)(get_local_size(dim) + 100 * get_global_size(dim));
	out[g * 4 + 2] = (uint)(get_num_groups(n) + 100 * get_enqueued_local_size(n + 1)) + get_work_dim() * 10000;
	out[g * 4 + 3] = (uint)(get_global_linear_id() + 10000 * get_local_linear_id());
}
