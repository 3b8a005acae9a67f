/* SPDX-License-Identifier: MIT */
/* Commands that don't run on the engine: functions of the host, migrations. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"
#include "core/queue.h"
#include "device/drm/drm.h"

/* The whole pages of a range; pages that it shares with others go along. */
static struct drm_causeway_migrate describe(const struct cw_drm_vm *vm,
					    const struct cw_memory_range *range, bool to_host)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = (uintptr_t)range->start / page * page;
	uintptr_t end = ((uintptr_t)range->start + range->bytes + page - 1) / page * page;

	return (struct drm_causeway_migrate){
		.start = start,
		.length = end - start,
		.vm_id = vm->id,
		.location = to_host ? DRM_CAUSEWAY_LOCATION_SYSTEM : DRM_CAUSEWAY_LOCATION_DEVICE,
	};
}

/* Where memory lies never changes what a program computes: what can't move stays, and is logged. */
static void migrate(struct cw_drm_vm *vm, const struct cw_command *command)
{
	const struct cw_memory_range *ranges = command->block;

	for (unsigned i = 0; i < command->migrate.count; i++) {
		struct drm_causeway_migrate request =
			describe(vm, &ranges[i], command->migrate.to_host);
		int error = cw_drm_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_MIGRATE, &request);
		uint64_t skipped = 0;

		for (unsigned reason = 0; reason < DRM_CAUSEWAY_REASON_COUNT; reason++)
			skipped += request.skipped[reason];
		cw_log(SVM,
		       "migrate %p, %zu bytes, to the %s: %" PRIu64 " pages moved, %" PRIu64
		       " stayed%s%s",
		       ranges[i].start, ranges[i].bytes,
		       command->migrate.to_host ? "system" : "device", (uint64_t)request.moved,
		       skipped, error ? ": " : "", error ? strerror(-error) : "");
	}
}

/* struct call - a command on its thread. */
struct call {
	struct cw_drm_vm *vm;
	struct cw_command *command;
};

static void run(void *argument)
{
	struct call *call = argument;
	struct cw_command *command = call->command;

	cw_command_begin_run(command);
	if (command->kind == CW_COMMAND_MIGRATE)
		migrate(call->vm, command);
	else
		command->call.run(command);
	free(call);
	cw_command_complete(command, CL_COMPLETE);
}

void cw_drm_call(struct cw_drm_vm *vm, struct cw_command *command)
{
	struct call *call = malloc(sizeof(*call));

	if (call)
		*call = (struct call){vm, command};
	if (call && !cw_thread_create_detached("cw-drm-call", 0, run, call))
		return;
	cw_log(WARN, "no thread for a command of the accelerator's queue");
	free(call);
	cw_command_complete(command, CL_OUT_OF_HOST_MEMORY);
}
