/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <stdio.h>
#include <string.h>

#define PRIME_A 0x9e3779b97f4a7c15u
#define PRIME_B 0xc2b2ae3d27d4eb4fu

/* Both halves of the 128-bit product, folded. */
static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load(const unsigned char *data, size_t bytes)
{
	uint64_t word = 0;

	memcpy(&word, data, bytes < sizeof(word) ? bytes : sizeof(word));
	return word;
}

void cw_hash_init(struct cw_hash *hash)
{
	hash->word[0] = PRIME_A;
	hash->word[1] = PRIME_B;
	hash->bytes = 0;
}

static void add_word(struct cw_hash *hash, uint64_t word)
{
	hash->word[0] = fold(hash->word[0] ^ word, PRIME_A) + hash->word[1];
	hash->word[1] =
		fold(hash->word[1] + word, PRIME_B) ^ (hash->word[0] << 23 | hash->word[0] >> 41);
}

void cw_hash_add(struct cw_hash *hash, const void *data, size_t bytes)
{
	const unsigned char *at = data;

	hash->bytes += bytes;
	for (size_t left = bytes; left;) {
		size_t step = left < 8 ? left : 8;

		add_word(hash, load(at, step));
		at += step;
		left -= step;
	}
	add_word(hash, bytes);
}

void cw_hash_add_string(struct cw_hash *hash, const char *text)
{
	if (text)
		cw_hash_add(hash, text, strlen(text) + 1);
	else
		cw_hash_add(hash, "", 0);
}

void cw_hash_finish(struct cw_hash *hash)
{
	add_word(hash, hash->bytes);
	add_word(hash, PRIME_A);
	hash->word[0] = cw_hash_mix(hash->word[0] ^ hash->word[1] * PRIME_B);
	hash->word[1] = cw_hash_mix(hash->word[1] + hash->word[0] * PRIME_A);
}

uint64_t cw_hash64(const void *data, size_t bytes)
{
	struct cw_hash hash;

	cw_hash_init(&hash);
	cw_hash_add(&hash, data, bytes);
	cw_hash_finish(&hash);
	return hash.word[0];
}

void cw_hash_hex(const struct cw_hash *hash, char text_out[33])
{
	snprintf(text_out, 33, "%016llx%016llx", (unsigned long long)hash->word[0],
		 (unsigned long long)hash->word[1]);
}
