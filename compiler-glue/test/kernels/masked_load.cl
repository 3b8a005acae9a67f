/* SPDX-License-Identifier: MIT */
/* A load at a uniform address that no lane may make, under a condition that differs between lanes. */
kernel void masked_load(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g];

	out[g * 4] = x;
	if (x > 1000)
		out[g * 4] = in[(ulong)n << 38];
	if (x > 1000)
		out[((ulong)n << 38) + g] = x;
	/* Fine for the lanes that do it only. */
	out[g * 4 + 1] = x < 100 ? in[x] : 7;
	for (uint i = 0; i < x % 3; i++)
		out[g * 4 + 2] += in[i];
	if ((g & 1) && x != 0 && 1000 / x > 20)
		out[g * 4 + 3] = 1000 / x;
}
