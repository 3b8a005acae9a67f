/* SPDX-License-Identifier: MIT */
/* Loops that one work-item enters, or none: a chunk without it does nothing there. */
kernel void idle_loops(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint lid = get_local_id(0), lsz = get_local_size(0), x = in[g];
	local uint total;

	lp[lid] = x;
	barrier(CLK_LOCAL_MEM_FENCE);
	if (lid == lsz / 2) {
		uint sum = 0, i = 0;

		do {
			sum += lp[i];
		} while (++i < lsz);
		total = sum;
	}
	barrier(CLK_LOCAL_MEM_FENCE);
	out[g * 4] = total;
	/* The input has smaller numbers only; nothing is at these places. */
	uint sum = 0, i = 0;

	if (x == 999)
		do {
			sum += in[0x10000000 + i * n];
			i += n;
		} while (i < lsz);
	out[g * 4 + 1] = sum;
	/* Rounds that the entering lanes' own data ends. */
	uint rounds = 0, value = x;

	if (x > 200)
		do {
			value = value * 5 + 3;
			rounds++;
		} while (value % 7 != n);
	out[g * 4 + 2] = rounds;
}
