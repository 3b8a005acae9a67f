/* SPDX-License-Identifier: MIT */
#include "core/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "device/device.h"

bool cw_context_has_device(const struct cw_context *context, const struct cw_device *device)
{
	for (unsigned i = 0; i < context->num_devices; i++) {
		if (context->devices[i] == device)
			return true;
	}
	return false;
}

void cw_context_notify(struct cw_context *context, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (!context->notify)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	context->notify(text, NULL, 0, context->notify_user);
}
