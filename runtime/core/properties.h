/* SPDX-License-Identifier: MIT */
/*
 * Property lists: name, value, name, value, ..., 0.  All the property types of
 * OpenCL are 64 bits wide here.
 */
#ifndef CW_PROPERTIES_H
#define CW_PROPERTIES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/cl.h"

_Static_assert(sizeof(cl_context_properties) == 8 && sizeof(cl_mem_properties) == 8 &&
		       sizeof(cl_queue_properties) == 8 && sizeof(cl_sampler_properties) == 8,
	       "all property lists have the same shape");

/* Elements of @list with its 0; NULL has none. */
static inline unsigned cw_properties_count(const void *list)
{
	const uint64_t *at = list;
	unsigned count = 0;

	if (!at)
		return 0;
	while (at[count])
		count += 2;
	return count + 1;
}

/* The name at @index comes earlier in @list too. */
static inline bool cw_property_is_repeated(const void *list, unsigned index)
{
	const uint64_t *at = list;

	for (unsigned i = 0; i < index; i += 2) {
		if (at[i] == at[index])
			return true;
	}
	return false;
}

/*
 * A copy of @list with its 0, malloc'd, and its length.  NULL without a list, or
 * without memory.
 */
static inline void *cw_properties_copy(const void *list, unsigned *count_out)
{
	unsigned count = cw_properties_count(list);
	void *copy = list ? malloc(count * sizeof(uint64_t)) : NULL;

	if (copy)
		memcpy(copy, list, count * sizeof(uint64_t));
	*count_out = count;
	return copy;
}

#endif
