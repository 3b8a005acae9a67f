/* SPDX-License-Identifier: MIT */
/* Nested loops with continue, 64-bit counters, and a loop that some groups never enter. */
kernel void long_loops(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g], sum = 0, count = 0;

	for (ulong i = 0x100000000ul; i < 0x100000000ul + x % 9; i++) {
		if ((i & 3) == (x & 3))
			continue;
		for (long j = (long)(i & 7); j >= -2; j -= 2) {
			if (j == 1)
				goto next;
			sum += (uint)(j * 3) + (uint)(i >> 32);
			if (sum % 13 == 0)
				break;
		}
		count++;
next:
		sum ^= 0x80;
	}
	out[g * 4] = sum;
	out[g * 4 + 1] = count;
	uint all = 0;
	for (uint i = (uint)get_group_id(0); i < 2; i++)
		all += in[i] + x;
	out[g * 4 + 2] = all;
	uchar small = (uchar)x;
	do {
		small += 37;
		all++;
	} while (small > 10);
	out[g * 4 + 3] = all + small;
}
