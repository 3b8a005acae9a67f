/* SPDX-License-Identifier: MIT */
/* Records of the driver: failures for messages, the rest for the trace. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/trace.h"
#include "device/drm/drm.h"

static const char *event_name(uint32_t type)
{
	static const char *const names[DRM_CAUSEWAY_EVENT_COUNT] = {
		[DRM_CAUSEWAY_EVENT_FAULT] = "fault",
		[DRM_CAUSEWAY_EVENT_FAULT_FAILED] = "failed fault",
		[DRM_CAUSEWAY_EVENT_EXCEPTION] = "exception",
		[DRM_CAUSEWAY_EVENT_MIGRATE_IN] = "migrate to device",
		[DRM_CAUSEWAY_EVENT_MIGRATE_OUT] = "migrate to system",
		[DRM_CAUSEWAY_EVENT_EVICT] = "evict",
		[DRM_CAUSEWAY_EVENT_RESET] = "reset",
		[DRM_CAUSEWAY_EVENT_ENGINE_LOST] = "engine lost",
		[DRM_CAUSEWAY_EVENT_INVALIDATE] = "invalidate",
		[DRM_CAUSEWAY_EVENT_LOST] = "records lost",
	};

	return type < DRM_CAUSEWAY_EVENT_COUNT ? names[type] : "unknown";
}

static const char *reason_text(uint32_t reason)
{
	static const char *const texts[DRM_CAUSEWAY_REASON_COUNT] = {
		[DRM_CAUSEWAY_REASON_PINNED] = "the page is pinned",
		[DRM_CAUSEWAY_REASON_NO_MEMORY] = "memory is short",
		[DRM_CAUSEWAY_REASON_BUSY] = "the page kept changing",
		[DRM_CAUSEWAY_REASON_ADVICE] = "advice forbids it to the device",
		[DRM_CAUSEWAY_REASON_UNMAPPED] = "nothing is mapped there",
		[DRM_CAUSEWAY_REASON_PROTECTION] = "the mapping doesn't allow it",
		[DRM_CAUSEWAY_REASON_SPECIAL] = "a mapping of another device",
		[DRM_CAUSEWAY_REASON_OWNER_GONE] = "the process has ended",
		[DRM_CAUSEWAY_REASON_DEVICE_OFF] = "the device was removed",
		[DRM_CAUSEWAY_REASON_IO] = "its file has no such page or can't be read",
	};

	if (reason < DRM_CAUSEWAY_REASON_COUNT && texts[reason])
		return texts[reason];
	return "the driver refused it";
}

/* One row of the trace for each type: they overlap, for the engine has several threads. */
static void trace(const struct drm_causeway_event *event)
{
	char detail[128];

	snprintf(detail, sizeof(detail), "%" PRIu64 " pages at 0x%" PRIx64 ", command %" PRIu64,
		 (uint64_t)event->pages, (uint64_t)event->address, (uint64_t)event->command_id);
	cw_trace_async(&(struct cw_trace_event){
		.category = "drm",
		.name = event_name(event->type),
		.begin_ns = event->time_ns,
		.end_ns = event->time_ns + event->duration_ns,
		.id = event->command_id,
		.detail = detail,
	});
}

static void remember_locked(struct cw_drm_vm *vm, const struct drm_causeway_event *event)
	cw_must_hold(&vm->event_lock)
{
	if (event->type != DRM_CAUSEWAY_EVENT_FAULT_FAILED &&
	    event->type != DRM_CAUSEWAY_EVENT_EXCEPTION)
		return;
	vm->failures[vm->next_failure++ % CW_DRM_FAILURES] = *event;
}

void cw_drm_records_read(struct cw_drm_vm *vm)
{
	struct drm_causeway_event events[32];
	size_t count;

	cw_mutex_lock(&vm->event_lock);
	do {
		/* It never blocks. NOLINTNEXTLINE(*BlockInCriticalSection) */
		ssize_t bytes = read(vm->event_fd, events, sizeof(events));

		count = bytes > 0 ? (size_t)bytes / sizeof(events[0]) : 0;
		for (size_t i = 0; i < count; i++) {
			remember_locked(vm, &events[i]);
			if (cw_trace_on())
				trace(&events[i]);
		}
	} while (count == sizeof(events) / sizeof(events[0]));
	cw_mutex_unlock(&vm->event_lock);
}

/* The newest failure of the command; false: none is known. */
static bool find_failure(struct cw_drm_vm *vm, uint64_t command_id,
			 struct drm_causeway_event *event_out)
{
	bool found = false;

	cw_mutex_lock(&vm->event_lock);
	for (unsigned i = 0; i < CW_DRM_FAILURES && !found; i++) {
		*event_out = vm->failures[(vm->next_failure - 1 - i) % CW_DRM_FAILURES];
		found = event_out->command_id == command_id;
	}
	cw_mutex_unlock(&vm->event_lock);
	return found;
}

void cw_drm_failure_text(struct cw_drm_vm *vm, uint64_t command_id, uint32_t status, char *text_out,
			 size_t bytes)
{
	struct drm_causeway_event event;

	cw_drm_records_read(vm);
	if (status == DRM_CAUSEWAY_JOB_RESET) {
		snprintf(text_out, bytes, "stopped after the time limit (CAUSEWAY_DRM_TIMEOUT_MS)");
	} else if (status == DRM_CAUSEWAY_JOB_LOST) {
		snprintf(text_out, bytes, "the device's engine died");
	} else if (!find_failure(vm, command_id, &event)) {
		snprintf(text_out, bytes, "the driver left no record of why");
	} else if (event.type == DRM_CAUSEWAY_EVENT_EXCEPTION) {
		snprintf(text_out, bytes, "%s at 0x%" PRIx64, strsignal((int)event.reason),
			 (uint64_t)event.address);
	} else {
		snprintf(text_out, bytes, "%s 0x%" PRIx64 ": %s",
			 event.access & DRM_CAUSEWAY_EVENT_WRITE ? "write to" : "read from",
			 (uint64_t)event.address, reason_text(event.reason));
	}
}
