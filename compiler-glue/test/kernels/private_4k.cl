/* SPDX-License-Identifier: MIT */
/* 4 KiB of private memory that live across barriers. */
kernel void private_4k(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint lid = get_local_id(0), lsz = get_local_size(0);
	uint own[1024];

	for (uint i = 0; i < 1024; i++)
		own[i] = i * 3 + (uint)g;
	lp[lid] = in[g];
	barrier(CLK_LOCAL_MEM_FENCE);
	uint other = lp[lsz - 1 - lid];
	own[other & 1023] += 1000;
	barrier(CLK_LOCAL_MEM_FENCE);
	lp[lid] = own[(other + n) & 1023];
	barrier(CLK_LOCAL_MEM_FENCE);
	uint sum = 0;
	for (uint i = 0; i < 1024; i++)
		sum += own[i];
	out[g * 4] = sum;
	out[g * 4 + 1] = lp[(lid + 1) % lsz];
}
