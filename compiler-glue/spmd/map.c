/* SPDX-License-Identifier: MIT */
#include "map.h"

#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct cwc_map_entry {
	const void *key;
	void *value;
};

void cwc_map_finish(struct cwc_map *map)
{
	free(map->entries);
	*map = (struct cwc_map){0};
}

void cwc_map_clear(struct cwc_map *map)
{
	if (map->entries)
		memset(map->entries, 0, map->slots * sizeof(*map->entries));
	map->used = 0;
}

static struct cwc_map_entry *slot_of(const struct cwc_map *map, const void *key)
{
	size_t slot = (size_t)(((uintptr_t)key >> 4) * 0x9E3779B97F4A7C15ull >> 24);

	for (slot &= map->slots - 1; map->entries[slot].key && map->entries[slot].key != key;)
		slot = (slot + 1) & (map->slots - 1);
	return &map->entries[slot];
}

static void grow(struct cwc_map *map)
{
	struct cwc_map old = *map;

	map->slots = old.slots ? 2 * old.slots : 64;
	map->entries = cwc_alloc(map->slots, sizeof(*map->entries));
	for (size_t i = 0; i < old.slots; i++)
		if (old.entries[i].key)
			*slot_of(map, old.entries[i].key) = old.entries[i];
	free(old.entries);
}

void cwc_map_set(struct cwc_map *map, const void *key, void *value)
{
	struct cwc_map_entry *entry;

	if (2 * (map->used + 1) > map->slots)
		grow(map);
	entry = slot_of(map, key);
	if (!entry->key)
		map->used++;
	*entry = (struct cwc_map_entry){key, value};
}

void *cwc_map_get(const struct cwc_map *map, const void *key)
{
	return map->slots ? slot_of(map, key)->value : NULL;
}

void cwc_map_set_number(struct cwc_map *map, const void *key, int number)
{
	cwc_map_set(map, key, (void *)(intptr_t)(number + 1));
}

int cwc_map_number(const struct cwc_map *map, const void *key)
{
	return (int)(intptr_t)cwc_map_get(map, key) - 1;
}
