/* SPDX-License-Identifier: MIT */
/* The build log as it grows. */
#ifndef CWC_LOG_H
#define CWC_LOG_H

#include "client/wire.h"

/* Append formatted text to @log, a writer that holds text without a terminating zero. */
__attribute__((format(printf, 2, 3))) void cwc_log_add(struct cwc_writer *log, const char *format,
						       ...);

#endif
