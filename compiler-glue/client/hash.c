/* SPDX-License-Identifier: MIT */
#include "client/hash.h"

#include <string.h>

#define ROUNDS 12

static const uint64_t initial[8] = {
	0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu, 0xa54ff53a5f1d36f1u,
	0x510e527fade682d1u, 0x9b05688c2b3e6c1fu, 0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u,
};

static const unsigned char schedule[10][16] = {
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
	{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
	{7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
	{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
	{2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
	{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
	{13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
	{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
	{10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static inline uint64_t rotate(uint64_t value, unsigned by)
{
	return value >> by | value << (64 - by);
}

static inline void mix(uint64_t v[16], const unsigned char at[4], uint64_t x, uint64_t y)
{
	uint64_t a = v[at[0]], b = v[at[1]], c = v[at[2]], d = v[at[3]];

	a += b + x;
	d = rotate(d ^ a, 32);
	c += d;
	b = rotate(b ^ c, 24);
	a += b + y;
	d = rotate(d ^ a, 16);
	c += d;
	b = rotate(b ^ c, 63);
	v[at[0]] = a, v[at[1]] = b, v[at[2]] = c, v[at[3]] = d;
}

static void compress(struct cwc_hash *hash, const unsigned char *block, uint64_t last)
{
	static const unsigned char lanes[8][4] = {
		{0, 4, 8, 12},	{1, 5, 9, 13},	{2, 6, 10, 14}, {3, 7, 11, 15},
		{0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13},	{3, 4, 9, 14},
	};
	uint64_t words[16], v[16];

	memcpy(words, block, sizeof(words));
	memcpy(v, hash->state, sizeof(hash->state));
	memcpy(v + 8, initial, sizeof(initial));
	v[12] ^= hash->counted;
	v[14] ^= last;
	for (unsigned round = 0; round < ROUNDS; round++) {
		const unsigned char *order = schedule[round % 10];

#pragma GCC unroll 8
		for (size_t i = 0; i < 8; i++)
			mix(v, lanes[i], words[order[2 * i]], words[order[2 * i + 1]]);
	}
	for (unsigned i = 0; i < 8; i++)
		hash->state[i] ^= v[i] ^ v[i + 8];
}

void cwc_hash_begin(struct cwc_hash *hash)
{
	*hash = (struct cwc_hash){0};
	memcpy(hash->state, initial, sizeof(initial));
	hash->state[0] ^= 0x01010000u ^ CWC_HASH_BYTES;
}

void cwc_hash_add(struct cwc_hash *hash, const void *data, size_t bytes)
{
	const unsigned char *next = data;

	while (bytes) {
		size_t room = sizeof(hash->block) - hash->used;
		size_t part = bytes < room ? bytes : room;

		if (!room) {
			hash->counted += sizeof(hash->block);
			compress(hash, hash->block, 0);
			hash->used = 0;
			continue;
		}
		memcpy(hash->block + hash->used, next, part);
		hash->used += part;
		next += part;
		bytes -= part;
	}
}

void cwc_hash_add_u64(struct cwc_hash *hash, uint64_t value)
{
	cwc_hash_add(hash, &value, sizeof(value));
}

void cwc_hash_add_field(struct cwc_hash *hash, const void *data, size_t bytes)
{
	cwc_hash_add_u64(hash, bytes);
	cwc_hash_add(hash, data, bytes);
}

void cwc_hash_add_string(struct cwc_hash *hash, const char *text)
{
	cwc_hash_add_field(hash, text, text ? strlen(text) : 0);
}

void cwc_hash_end(struct cwc_hash *hash, unsigned char digest_out[CWC_HASH_BYTES])
{
	hash->counted += hash->used;
	memset(hash->block + hash->used, 0, sizeof(hash->block) - hash->used);
	compress(hash, hash->block, UINT64_MAX);
	memcpy(digest_out, hash->state, CWC_HASH_BYTES);
}

void cwc_hash_of(const void *data, size_t bytes, unsigned char digest_out[CWC_HASH_BYTES])
{
	struct cwc_hash hash;

	cwc_hash_begin(&hash);
	cwc_hash_add(&hash, data, bytes);
	cwc_hash_end(&hash, digest_out);
}
