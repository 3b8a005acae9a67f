/* SPDX-License-Identifier: MIT */
/*
 * Hashes of bytes.  cw_hash64() is for tables in memory; struct cw_hash gives
 * 128 bits that name things on disk.  Neither resists an adversary: whoever
 * may write the cache directory already runs code as its user.
 */
#ifndef CW_HASH_H
#define CW_HASH_H

#include <stddef.h>
#include <stdint.h>

/* struct cw_hash - state and, after cw_hash_finish(), value of a 128-bit hash. */
struct cw_hash {
	uint64_t word[2];
	uint64_t bytes;
};

/* Spread the entropy of @key over all 64 bits. */
static inline uint64_t cw_hash_mix(uint64_t key)
{
	key = (key ^ (key >> 32)) * 0xd6e8feb86659fd93u;
	key = (key ^ (key >> 32)) * 0xd6e8feb86659fd93u;
	return key ^ (key >> 32);
}

uint64_t cw_hash64(const void *data, size_t bytes);

/* Hash @data then more: init, add any number of times, finish.  Where the cuts lie matters. */
void cw_hash_init(struct cw_hash *hash);
void cw_hash_add(struct cw_hash *hash, const void *data, size_t bytes);
void cw_hash_add_string(struct cw_hash *hash, const char *text); /* with its 0; NULL allowed */
void cw_hash_finish(struct cw_hash *hash);

/* 32 hexadecimal digits and a 0. */
void cw_hash_hex(const struct cw_hash *hash, char text_out[33]);

#endif
