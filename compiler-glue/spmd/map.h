/* SPDX-License-Identifier: MIT */
/* A hash table from LLVM values or blocks to pointers or numbers. */
#ifndef CWC_SPMD_MAP_H
#define CWC_SPMD_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct cwc_map - zero-initialised is empty; grows. */
struct cwc_map {
	struct cwc_map_entry *entries;
	size_t slots, used;
};

void cwc_map_finish(struct cwc_map *map);
void cwc_map_clear(struct cwc_map *map);
void cwc_map_set(struct cwc_map *map, const void *key, void *value);
/* NULL when @key is not there. */
void *cwc_map_get(const struct cwc_map *map, const void *key);
/* Numbers; -1 when @key is not there. */
void cwc_map_set_number(struct cwc_map *map, const void *key, int number);
int cwc_map_number(const struct cwc_map *map, const void *key);

#endif
