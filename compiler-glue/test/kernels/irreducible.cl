/* SPDX-License-Identifier: MIT */
/* A loop with two entries, and jumps out of nested loops. */
kernel void irreducible(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g], a = 0, b = 0, steps = 0;

	if (x & 1)
		goto second;
first:
	a += x;
	steps++;
	if (a > 500)
		goto done;
second:
	b += a + 1;
	if (b % 3 == 0 && steps++ < 9)
		goto second;
	if (steps < 12)
		goto first;
done:
	out[g * 4] = a;
	out[g * 4 + 1] = b;
	out[g * 4 + 2] = steps;
	for (uint i = 0; i < 8; i++)
		for (uint j = 0; j < i; j++) {
			out[g * 4 + 3] = i * 8 + j;
			if (i * j > x % 40)
				goto out;
		}
	out[g * 4 + 3] += 100;
out:
	return;
}
