/* SPDX-License-Identifier: MIT */
/* printf in divergent flow: one record for each lane that gets there. */
kernel void printing(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);

	out[g * 4] = in[g];
	if (in[g] % 3 == 1)
		out[g * 4 + 1] = (uint)printf("%u %s %v4hhd %f|%ld\n", (uint)g, "word",
					      (char4)(1, -2, 3, (char)in[g]), 1.5f,
					      (long)g << 33);
}
