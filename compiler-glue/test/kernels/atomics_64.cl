/* SPDX-License-Identifier: MIT */
/* 64-bit atomics: on the first places of @out. */
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable
#pragma OPENCL EXTENSION cl_khr_int64_extended_atomics : enable
kernel void atomics_64(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	volatile global ulong *cells = (volatile global ulong *)out;
	uint x = in[g];

	atom_add(&cells[0], ((ulong)x << 32) + 1);
	if (x & 1)
		atom_max(&cells[1], (ulong)x << 20);
	if (x & 2)
		atom_xor(&cells[2], (ulong)x * 0x100000001ul);
	for (uint i = 0; i < x % 4; i++)
		atom_inc(&cells[3]);
	ulong seen = cells[4], want;
	do {
		want = seen;
		seen = atom_cmpxchg(&cells[4], want, want * 1 + 0x100000000ul * (x & 3));
	} while (seen != want);
	/* Everybody's turn is different: their sum tells. */
	atom_add(&cells[6], atom_inc(&cells[5]));
}
