/* SPDX-License-Identifier: MIT */
/* Hashes for tables in memory and for identifiers; not for what an adversary chooses. */
#ifndef CW_HASH_H
#define CW_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Spread the entropy of @key over all 64 bits. */
static inline uint64_t cw_hash_mix(uint64_t key)
{
	key = (key ^ (key >> 32)) * 0xd6e8feb86659fd93u;
	key = (key ^ (key >> 32)) * 0xd6e8feb86659fd93u;
	return key ^ (key >> 32);
}

/* FNV-1a with a better end. */
static inline uint64_t cw_hash64(const void *data, size_t bytes)
{
	const unsigned char *at = data;
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ at[i]) * 0x100000001b3u;
	return cw_hash_mix(hash);
}

#endif
