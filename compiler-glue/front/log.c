/* SPDX-License-Identifier: MIT */
#include "front/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void cwc_log_add(struct cwc_writer *log, const char *format, ...)
{
	va_list list;
	char *text;
	int length;

	va_start(list, format);
	length = vasprintf(&text, format, list);
	va_end(list);
	if (length < 0)
		return;
	cwc_put_raw(log, text, length);
	free(text);
}
