/* SPDX-License-Identifier: MIT */
/* Ids beyond 32 bits. */
kernel void wide_ids(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t id = get_global_id(0), g = id - get_global_offset(0);
	uint low = get_global_id(0);
	int sign = get_global_id(0);

	out[g * 4] = low;
	out[g * 4 + 1] = (uint)(id >> 32);
	out[g * 4 + 2] = in[(uint)(low + 8) - (uint)(get_global_offset(0) + 8)];
	out[g * 4 + 3] = sign < 0;
}
