/* SPDX-License-Identifier: MIT */
/* BLAKE2b with 256 bits (RFC 7693): names of cache entries, seals of binaries. */
#ifndef CWC_HASH_H
#define CWC_HASH_H

#include <stddef.h>
#include <stdint.h>

#define CWC_HASH_BYTES 32

/*
 * struct cwc_hash - a hash in the making.
 * @state: the chain value.
 * @counted: bytes compressed so far.
 * @block, @used: the block being filled.
 */
struct cwc_hash {
	uint64_t state[8];
	uint64_t counted;
	unsigned char block[128];
	size_t used;
};

void cwc_hash_begin(struct cwc_hash *hash);
void cwc_hash_add(struct cwc_hash *hash, const void *data, size_t bytes);
/* A length, then the bytes, so that neighbouring fields cannot run into each other. */
void cwc_hash_add_field(struct cwc_hash *hash, const void *data, size_t bytes);
void cwc_hash_add_string(struct cwc_hash *hash, const char *text);
void cwc_hash_add_u64(struct cwc_hash *hash, uint64_t value);
void cwc_hash_end(struct cwc_hash *hash, unsigned char digest_out[CWC_HASH_BYTES]);

void cwc_hash_of(const void *data, size_t bytes, unsigned char digest_out[CWC_HASH_BYTES]);

#endif
