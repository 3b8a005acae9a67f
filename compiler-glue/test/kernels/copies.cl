/* SPDX-License-Identifier: MIT */
/* Copies of structures through pointers that differ between lanes. */
struct big {
	uint words[20];
	uchar bytes[7];
};

kernel void copies(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	struct big a[3], b;
	uint x = in[g];

	for (uint i = 0; i < 3; i++) {
		for (uint k = 0; k < 20; k++)
			a[i].words[k] = i * 100 + k + x;
		for (uint k = 0; k < 7; k++)
			a[i].bytes[k] = (uchar)(i + k);
	}
	b = a[x % 3];
	struct big *p = x & 1 ? &b : &a[1];
	p->words[x % 20] = 5;
	a[0] = *p;
	p->bytes[6] = 200;
	b.words[3] += a[0].bytes[6];
	out[g * 4] = a[0].words[x % 20];
	out[g * 4 + 1] = b.words[3];
	out[g * 4 + 2] = a[0].words[19] + a[2].words[7];
	out[g * 4 + 3] = b.bytes[6] + 1000u * a[1].bytes[6];
}
