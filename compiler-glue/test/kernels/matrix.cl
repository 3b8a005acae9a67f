/* SPDX-License-Identifier: MIT */
/* Two dimensions: rows that share loads, a stencil, and tiles in local memory. */
kernel void matrix(global const uint *in, global uint *out, uint n, local uint *lp)
{
	uint col = get_global_id(0), row = get_global_id(1), width = get_global_size(0);
	uint lx = get_local_id(0), ly = get_local_id(1), w = get_local_size(0), h = get_local_size(1);
	size_t g = (size_t)row * width + col;
	uint sum = 0, tiled = 0;

	for (uint k = 0; k < 5; k++)
		sum += in[row * 5 + k] * in[k * width + col];
	out[g * 4] = sum;
	out[g * 4 + 1] = in[g + 1] + (row ? in[g - width] : 0) * 3 + (col ? in[g - 1] : 7) * 5;
	for (uint k = 0; k < 3; k++) {
		lp[ly * w + lx] = in[g + k];
		barrier(CLK_LOCAL_MEM_FENCE);
		for (uint i = 0; i < w; i++)
			tiled += lp[ly * w + i] * (i + 1);
		for (uint i = 0; i < h; i++)
			tiled ^= lp[i * w + lx] << i;
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	out[g * 4 + 2] = tiled;
	/* Rows that leave the loop at different times. */
	uint steps = 0;
	for (uint k = 0; k < 9 && in[row + k] < 150; k++)
		steps += in[col + k * 2] + k;
	out[g * 4 + 3] = steps;
}
