/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/trace.h"
#include "core/process.h"
#include "device/drm/drm.h"

#define EVENT(type) (1u << DRM_CAUSEWAY_EVENT_##type)
#define FAILURES    (EVENT(FAULT_FAILED) | EVENT(EXCEPTION) | EVENT(RESET) | EVENT(ENGINE_LOST))
#define TRACED                                                                                     \
	(EVENT(FAULT) | EVENT(MIGRATE_IN) | EVENT(MIGRATE_OUT) | EVENT(EVICT) |                    \
	 EVENT(INVALIDATE) | EVENT(LOST))

static int create(struct cw_drm_vm *vm)
{
	struct drm_causeway_vm_create request = {
		.window_start = CAUSEWAY_WINDOW_START,
		.window_size = CAUSEWAY_WINDOW_SIZE,
	};
	int error = cw_drm_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_VM_CREATE, &request);

	if (error)
		return error;
	vm->id = request.vm_id;
	vm->engine_fd = request.engine_fd;
	return 0;
}

static int open_events(struct cw_drm_vm *vm)
{
	struct drm_causeway_event_open request = {
		.vm_id = vm->id,
		.mask = FAILURES | (cw_trace_on() ? TRACED : 0),
	};
	int error = cw_drm_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_EVENT_OPEN, &request);

	if (error)
		return error;
	vm->event_fd = request.fd;
	return fcntl(vm->event_fd, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

/* Closing the node ends the VM and its engine. */
static void vm_destroy(struct cw_drm_vm *vm)
{
	if (vm->event_fd >= 0)
		close(vm->event_fd);
	if (vm->engine_fd >= 0)
		close(vm->engine_fd);
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->arena.memfd >= 0)
		cw_drm_arena_finish(&vm->arena);
	cw_mutex_finish(&vm->event_lock);
	cw_mutex_finish(&vm->lock);
	free(vm);
}

static int vm_fill(struct cw_drm_vm *vm, const struct cw_drm_device *drm)
{
	int error;

	vm->fd = open(drm->node.path, O_RDWR | O_CLOEXEC);
	if (vm->fd < 0)
		return -errno;
	error = cw_drm_arena_init(&vm->arena);
	if (error) {
		vm->arena.memfd = -1;
		return error;
	}
	error = create(vm);
	if (!error)
		error = open_events(vm);
	if (!error)
		error = cw_drm_engine_start(vm);
	return error;
}

static int vm_create(const struct cw_drm_device *drm, struct cw_drm_vm **vm_out)
{
	struct cw_drm_vm *vm = calloc(1, sizeof(*vm));
	int error;

	if (!vm)
		return -ENOMEM;
	vm->generation = cw_process_generation();
	vm->fd = vm->engine_fd = vm->event_fd = vm->arena.memfd = -1;
	vm->threads = drm->threads;
	vm->max_pending = drm->node.info.max_pending;
	cw_mutex_init(&vm->lock, CW_RANK_ENGINE);
	cw_mutex_init(&vm->event_lock, CW_RANK_RECORDS);
	error = vm_fill(vm, drm);
	if (error) {
		cw_log(WARN, "%s: no VM: %s", drm->node.path, strerror(-error));
		vm_destroy(vm);
		return error;
	}
	*vm_out = vm;
	return 0;
}

/*
 * What our parent had stays as it is: its locks may be held by threads that we don't
 * have.  Its files are closed, for they keep its VM alive.
 */
static void leave_to_parent(struct cw_drm_vm *vm)
{
	close(vm->event_fd);
	close(vm->engine_fd);
	close(vm->fd);
	close(vm->arena.memfd);
}

struct cw_drm_vm *cw_drm_vm(struct cw_drm_device *drm, int *error_out)
{
	struct cw_drm_vm *vm = atomic_load_explicit(&drm->vm, memory_order_acquire);
	unsigned generation = cw_process_generation();

	*error_out = 0;
	if (vm && vm->generation == generation)
		return vm;
	cw_mutex_lock(&drm->lock);
	vm = atomic_load_explicit(&drm->vm, memory_order_acquire);
	if (!vm || vm->generation != generation) {
		if (vm)
			leave_to_parent(vm);
		vm = NULL;
		*error_out = vm_create(drm, &vm);
		atomic_store_explicit(&drm->vm, vm, memory_order_release);
	}
	cw_mutex_unlock(&drm->lock);
	return vm;
}
