/* SPDX-License-Identifier: MIT */
/* A loop with barriers and three exits, all taken by the whole group. */
kernel void loop_exits(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint lid = get_local_id(0), lsz = get_local_size(0);
	uint x = in[g], reason = 0, i;

	for (i = 0; i < 40; i++) {
		barrier(CLK_LOCAL_MEM_FENCE);
		lp[lid] = x;
		barrier(CLK_LOCAL_MEM_FENCE);
		if (lp[0] > 5000) {
			reason = 1;
			break;
		}
		x += lp[(lid + 1) % lsz] % 97;
		barrier(CLK_LOCAL_MEM_FENCE);
		if (lp[lsz - 1] > 2500) {
			reason = 2;
			goto done;
		}
		barrier(CLK_LOCAL_MEM_FENCE);
		lp[lid] = x;
		barrier(CLK_LOCAL_MEM_FENCE);
		if (lp[lsz / 2] % 61 == n)
			return;
	}
	reason += 4;
done:
	out[g * 4] = x;
	out[g * 4 + 1] = reason;
	out[g * 4 + 2] = i;
}
