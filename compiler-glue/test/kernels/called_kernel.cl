/* SPDX-License-Identifier: MIT */
/* A kernel that calls kernels, which have local variables and barriers. */
kernel void part(global const uint *in, global uint *out, uint n)
{
	local uint tile[256];
	uint lid = get_local_id(0), lsz = get_local_size(0);

	tile[lid] = in[get_global_id(0)] * n;
	barrier(CLK_LOCAL_MEM_FENCE);
	out[get_global_id(0) * 4] = tile[(lid + 1) % lsz];
	barrier(CLK_LOCAL_MEM_FENCE);
}

kernel void called_kernel(global const uint *in, global uint *out, uint n, local uint *lp)
{
	part(in, out, n);
	part(in + 0, out + 1, n + 2);
	if (n > 50)
		return;
	part(in, out + 2, n + 4);
}
