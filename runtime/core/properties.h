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

static inline bool cw_properties_copy_bytes(const void *list, void **copy_out, unsigned *count_out)
{
	*copy_out = NULL;
	*count_out = cw_properties_count(list);
	if (!list)
		return true;
	*copy_out = malloc(*count_out * sizeof(uint64_t));
	if (*copy_out)
		memcpy(*copy_out, list, *count_out * sizeof(uint64_t));
	return *copy_out;
}

/* Copy @list to *@copy (a pointer of its element type) and its length to *@count; false without
 * memory. */
#define cw_properties_copy(list, copy, count)                                                      \
	({                                                                                         \
		void *cw_copied;                                                                   \
		bool cw_copy_done = cw_properties_copy_bytes(list, &cw_copied, count);             \
		*(copy) = cw_copied;                                                               \
		cw_copy_done;                                                                      \
	})

#endif
