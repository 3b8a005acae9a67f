/* SPDX-License-Identifier: MIT */
/*
 * The disk cache: small immutable files named by the hash of what made them.
 *
 * Files appear whole (written aside, then renamed) and are checked whole (a
 * hash of the content), so any number of processes share a directory without
 * locks and a damaged file is the same as none.
 */
#ifndef CWC_CACHE_H
#define CWC_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "client/hash.h"

struct cwc_cache;

/*
 * @directory: where, or NULL for $XDG_CACHE_HOME/causeway or ~/.cache/causeway.
 * @limit_bytes: above it the files unused for longest go; 0 means no cache.
 * NULL when there is none: no directory, not ours, or no memory; a NULL cache may be used
 * and holds nothing.
 */
struct cwc_cache *cwc_cache_open(const char *directory, uint64_t limit_bytes);
void cwc_cache_close(struct cwc_cache *cache);

/* The content stored under @key, malloc'd, or NULL. Any thread. */
void *cwc_cache_load(struct cwc_cache *cache, const unsigned char key[CWC_HASH_BYTES],
		     size_t *bytes_out);

/* Store; failure is silent, since a cache may always be empty. Any thread. */
void cwc_cache_store(struct cwc_cache *cache, const unsigned char key[CWC_HASH_BYTES],
		     const void *data, size_t bytes);

#endif
