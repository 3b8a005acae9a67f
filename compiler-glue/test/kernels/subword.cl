/* SPDX-License-Identifier: MIT */
/* Neighbouring work-items write bytes and shorts of the same word; bool and char conditions. */
kernel void subword(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	global uchar *bytes = (global uchar *)out;
	global ushort *shorts = (global ushort *)out;
	local uchar *small = (local uchar *)lp;
	uint lid = get_local_id(0), lsz = get_local_size(0), x = in[g];
	bool odd = x & 1;

	/* Each item owns 16 bytes; bytes 0 to 3 are written by its neighbour of the group. */
	size_t mate = g - lid + (lid + 1) % lsz;
	bytes[mate * 16 + 1] = (uchar)x;
	if (odd)
		bytes[mate * 16 + 2] = (uchar)(x + 1);
	shorts[g * 8 + 3] = (ushort)(x * 300);
	small[lid] = (uchar)(x + 7);
	barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
	out[g * 4 + 2] = small[(lid + 3) % lsz] + 1000u * odd;
	char c = (char)x;
	out[g * 4 + 3] = (uint)(c < 0) + (uint)(int)c;
}
