/* SPDX-License-Identifier: MIT */
/* An "or" that is a sum where a condition holds, but not in the lanes that it leaves out. */
kernel void disjoint(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint y = (uint)g * 7, rest = 0, twice = 5, next = 7;

	if ((y & 3) == 0)
		rest = in[g] % (y | 1);
	if ((y & 3) == 0)
		twice = (y | 2) * 3;
	if ((y & 1) == 0)
		next = in[g | 1];
	out[g * 4] = rest;
	out[g * 4 + 1] = twice;
	out[g * 4 + 2] = next;
	out[g * 4 + 3] = y;
}
