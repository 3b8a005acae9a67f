/* SPDX-License-Identifier: MIT */
#ifndef CWC_CACHE_TRIM_H
#define CWC_CACHE_TRIM_H

#include <stdint.h>

/*
 * Note that @bytes bytes came into the cache directory @fd.  A small file in
 * it keeps the sum, for all processes; when the sum passes @limit_bytes, the
 * files unused for longest go until three quarters of it are left.
 */
void cwc_cache_account(int fd, uint64_t limit_bytes, uint64_t bytes);

#endif
