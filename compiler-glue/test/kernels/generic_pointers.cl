/* SPDX-License-Identifier: MIT */
/* One pointer into private, local or global memory. */
static uint peek(uint *p, uint i)
{
	return p[i] + (to_local(p) ? 1000u : 0) + (to_global(p) ? 2000u : 0) + (to_private(p) ? 4000u : 0);
}

kernel void generic_pointers(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint own[4] = {1, 2, 3, (uint)g}, x = in[g];

	lp[get_local_id(0)] = x + 1;
	barrier(CLK_LOCAL_MEM_FENCE);
	out[g * 4 + 3] = 9;
	uint *p = x % 3 == 0 ? (uint *)own : x % 3 == 1 ? (uint *)(lp + get_local_id(0)) : out + g * 4 + 3;
	out[g * 4] = peek(p, x % 3 ? 0 : x % 4);
	*p += 50;
	barrier(CLK_LOCAL_MEM_FENCE);
	out[g * 4 + 1] = own[0];
	out[g * 4 + 2] = lp[(get_local_id(0) + 1) % get_local_size(0)];
}
