/* SPDX-License-Identifier: MIT */
/* Division faults nowhere: not in inactive lanes, nor by zero, nor INT_MIN / -1. */
kernel void division(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g];
	int s = (int)(x - 120), zero = (int)n - 1;
	long wide = (long)s << 33;

	out[g * 4] = x % 4 ? 100000 / (x % 4) : 1;
	out[g * 4 + 1] = (uint)(s % 8 ? 1000000 / (s % 8) + -1000000 % (s % 8) : 2);
	out[g * 4 + 2] = (uint)(s ? (0x7fffffffffl / wide) + wide % 1000003 : 3);
	int unspecified = (s - zero) / zero + s % zero;
	int least = (-2147483647 - 1) / (x & 1 ? -(int)n : 3);
	long lleast = (-9223372036854775807l - 1) % (x & 1 ? -(long)n : 3);
	char cleast = (char)-128 / (char)(x & 1 ? -1 : 3);
	/* They only have to end. */
	out[g * 4 + 3] = unspecified == 12345 && least == 77 && lleast == 5 && cleast == 9 ? 0 : 6;
}
