/* SPDX-License-Identifier: MIT */
/* Memory for buffers and SVM: aligned, and in huge pages where it is large. */
#ifndef CW_MEMORY_H
#define CW_MEMORY_H

#include <stddef.h>

/* From this many bytes on, memory is mapped on its own, huge-page aligned. */
#define CW_MEMORY_HUGE ((size_t)2 << 20)

/*
 * @bytes (more than 0) at a multiple of @alignment, a power of two.  Large
 * pieces are zero; of others nothing is known.  NULL when there is no memory.
 */
void *cw_memory_alloc(size_t bytes, size_t alignment);

/* Give back what cw_memory_alloc(@bytes, any alignment) returned; NULL is allowed. */
void cw_memory_free(void *memory, size_t bytes);

#endif
