/* SPDX-License-Identifier: MIT */
/* BLAKE2b-256 against digests of an independent implementation (b2sum -l 256). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/hash.h"

static int check(const char *text, size_t repeat, const char *want)
{
	struct cwc_hash hash;
	unsigned char digest[CWC_HASH_BYTES];
	char hex[2 * CWC_HASH_BYTES + 1];

	cwc_hash_begin(&hash);
	for (size_t i = 0; i < repeat; i++)
		cwc_hash_add(&hash, text, strlen(text));
	cwc_hash_end(&hash, digest);
	for (size_t i = 0; i < CWC_HASH_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	if (!strcmp(hex, want))
		return 0;
	fprintf(stderr, "%s x %zu: %s, not %s\n", text, repeat, hex, want);
	return 1;
}

int main(void)
{
	int failed = 0;

	failed |= check("", 1, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
	failed |=
		check("abc", 1, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
	failed |= check("0123456789abcdef", 8,
			"4413634ab84fd41826173c8468b13a6777c16b3d5ad36a751e8d8a8f139e4334");
	failed |= check("causeway ", 1000,
			"97428ddcc7c54784255dc7e9ae19b1ee1704507b941b68fefb69b141d6b814bf");
	return failed;
}
