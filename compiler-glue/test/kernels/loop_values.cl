/* SPDX-License-Identifier: MIT */
/* What a lane had when it left a loop, while others go on. */
kernel void loop_values(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g], i, last = 0, product = 1;

	for (i = 0;; i++) {
		last = x * i + n;
		if (i == x % 7)
			break;
		product *= last | 1;
		if (product % 11 == 3) {
			last ^= 0x100;
			break;
		}
	}
	out[g * 4] = last;
	out[g * 4 + 1] = i;
	out[g * 4 + 2] = product;
	uint steps = 0;
	for (ulong v = x + 1; v != 1; v = v & 1 ? 3 * v + 1 : v >> 1)
		steps++;
	out[g * 4 + 3] = steps;
}
