/* SPDX-License-Identifier: MIT */
/* Reference counts of internal structures: lock-free, overflow and resurrection asserted. */
#ifndef CW_REF_H
#define CW_REF_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Start with one reference, the creator's. */
static inline void cw_ref_init(atomic_uint *refs)
{
	atomic_init(refs, 1);
}

static inline void cw_ref_get(atomic_uint *refs)
{
	unsigned old = atomic_fetch_add_explicit(refs, 1, memory_order_relaxed);

	assert(old && old < ~0u);
	(void)old;
}

/* True for the caller that dropped the last reference: it destroys. */
static inline bool cw_ref_put(atomic_uint *refs)
{
	unsigned old = atomic_fetch_sub_explicit(refs, 1, memory_order_release);

	assert(old);
	if (old != 1)
		return false;
	(void)atomic_load_explicit(refs, memory_order_acquire);
	return true;
}

#endif
