/* SPDX-License-Identifier: MIT */
#ifndef CWC_CACHE_TRIM_H
#define CWC_CACHE_TRIM_H

#include <stdint.h>

/*
 * If the files of the directory @fd take more than @limit_bytes, remove those
 * unused for longest until three quarters of it are left.
 */
void cwc_cache_trim(int fd, uint64_t limit_bytes);

#endif
