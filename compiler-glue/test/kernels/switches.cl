/* SPDX-License-Identifier: MIT */
/* switch without default, with fallthrough, sparse, on other widths, and with a table. */
static uint table(uint x)
{
	switch (x) {
	case 0: return 17;
	case 1: return 3;
	case 2: return 99;
	case 3: return 1;
	case 4: return 250;
	case 5: return 42;
	}
	return 1000;
}

kernel void switches(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g], r = 5;

	switch (x % 7) {
	case 1:
		r = 10;
	case 2:
		r += 3;
		break;
	case 5:
		for (uint i = 0; i < x; i++) {
			if (i == 6)
				break;
			r += i;
		}
		break;
	}
	out[g * 4] = r;
	out[g * 4 + 1] = table(x % 8);
	switch ((ulong)x * 0x100000001ul) {
	case 0x4d0000004dul:
		r = 1;
		break;
	default:
		r = 2;
	case 0x6400000064ul:
		r += 4;
	}
	out[g * 4 + 2] = r;
	switch ((char)x) {
	case -3 ... 4:
		r = 30;
		break;
	case 100 ... 127:
		switch (n) {
		case 1:
			r = 40;
			break;
		}
		break;
	}
	out[g * 4 + 3] = r;
}
