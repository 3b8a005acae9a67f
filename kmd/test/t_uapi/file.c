/* SPDX-License-Identifier: MIT */
/* The files: what may be mapped how, what may be read, ioctls that aren't. */
#include "uapi.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- the engine's file ---------------------------------------------- */

/*
 * struct mapping - a way to map the VM's file that isn't the engine's
 * @address, @offset: equal is right
 */
struct mapping {
	const char *name;
	uint64_t address;
	uint64_t offset;
	int protection;
	int flags;
};

static const struct mapping mappings[] = {
	{"offset", 0x100000000000, 0x100000001000, PROT_READ | PROT_WRITE, MAP_SHARED},
	{"offset-zero", 0x100000000000, 0, PROT_READ | PROT_WRITE, MAP_SHARED},
	{"private", 0x100000000000, 0x100000000000, PROT_READ | PROT_WRITE, MAP_PRIVATE},
	{"exec", 0x100000000000, 0x100000000000, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED},
	{"window", CAUSEWAY_WINDOW_START, CAUSEWAY_WINDOW_START, PROT_READ | PROT_WRITE,
	 MAP_SHARED},
	{"over-window", CAUSEWAY_WINDOW_START - KT_PAGE, CAUSEWAY_WINDOW_START - KT_PAGE,
	 PROT_READ | PROT_WRITE, MAP_SHARED},
	{"by-owner", 0x100000000000, 0x100000000000, PROT_READ | PROT_WRITE, MAP_SHARED},
};

/* In another process, as an engine would be; the last one is about the owner itself. */
static void map_and_see(void *arg)
{
	const struct mapping *m = ((void **)arg)[0];
	const struct kt_vm *vm = ((void **)arg)[1];
	void *p;

	munmap((void *)CAUSEWAY_WINDOW_START, CAUSEWAY_WINDOW_SIZE);
	p = mmap((void *)m->address, 2 * KT_PAGE, m->protection,
		 m->flags | MAP_FIXED_NOREPLACE | MAP_NORESERVE, vm->engine_fd, (off_t)m->offset);
	if (p != MAP_FAILED)
		kt_fail("it can be mapped");
	if (errno != EINVAL && errno != EPERM && errno != EACCES && errno != ENODEV)
		kt_fail("refused with %m");
}

static void engine_mapping(const void *param)
{
	const struct mapping *m = param;
	struct kt_vm vm;
	void *arg[2] = {(void *)m, &vm};

	kt_vm_create(&vm, 0);
	if (strcmp(m->name, "by-owner") == 0)
		map_and_see(arg);
	else
		kt_join(kt_fork(map_and_see, arg));
}

static void attach_by(void *arg)
{
	struct kt_vm *vm = arg;
	struct causeway_engine_attach attach = {.stop_signal = 34};

	/* Nothing is mapped as an engine has it. */
	KT_EQ(kt_ioctl(vm->engine_fd, CAUSEWAY_ENGINE_ATTACH, &attach), -EINVAL);
}

static void attach_wrong(const void *param)
{
	struct causeway_engine_attach attach = {.stop_signal = 34};
	struct kt_vm vm;

	(void)param;
	kt_vm_create(&vm, 0);
	attach_by(&vm);
	kt_join(kt_fork(attach_by, &vm));
	attach.flags = 1;
	KT_EQ(kt_ioctl(vm.engine_fd, CAUSEWAY_ENGINE_ATTACH, &attach), -EINVAL);
	KT_EQ(kt_ioctl(vm.engine_fd, CAUSEWAY_ENGINE_ATTACH, NULL), -EFAULT);
	/* The real one still can. */
	KT_EQ(kt_engine_start(&vm, 1), 0);
	kt_vm_close(&vm);
}

static void next_unattached(const void *param)
{
	struct causeway_engine_next next = {0};
	struct kt_vm vm;

	(void)param;
	kt_vm_create(&vm, 0);
	KT_CHECK(kt_ioctl(vm.engine_fd, CAUSEWAY_ENGINE_NEXT, &next) < 0);
	KT_EQ(kt_engine_start(&vm, 1), 0);
	/* We aren't the engine, though we hold its file. */
	KT_CHECK(kt_ioctl(vm.engine_fd, CAUSEWAY_ENGINE_NEXT, &next) < 0);
	kt_vm_close(&vm);
}

static void engine_file_calls(const void *param)
{
	struct kt_vm vm;
	char byte = 0;

	(void)param;
	kt_vm_create(&vm, 0);
	KT_CHECK(fcntl(vm.engine_fd, F_GETFD) & FD_CLOEXEC);
	KT_CHECK(read(vm.engine_fd, &byte, 1) == -1);
	KT_CHECK(write(vm.engine_fd, &byte, 1) == -1);
	KT_CHECK(ftruncate(vm.engine_fd, 0) == -1);
	KT_EQ(kt_ioctl(vm.engine_fd, _IO(CAUSEWAY_ENGINE_IOCTL_TYPE, 0x55), NULL), -ENOTTY);
	KT_EQ(kt_ioctl(vm.engine_fd, FIONREAD + 0x100, NULL), -ENOTTY);
	/* The VM lives on without the file, but no engine can come. */
	close(vm.engine_fd);
	vm.engine_fd = -1;
	kt_counter(&vm, DRM_CAUSEWAY_COUNTER_FAULTS);
	kt_vm_close(&vm);
}

/* The file keeps what it needs when the VM and the node are gone. */
static void engine_file_alone(const void *param)
{
	struct causeway_engine_attach attach = {.stop_signal = 34};
	struct causeway_engine_next next = {0};
	struct kt_vm vm;

	(void)param;
	kt_vm_create(&vm, 0);
	close(vm.fd);
	KT_CHECK(kt_ioctl(vm.engine_fd, CAUSEWAY_ENGINE_ATTACH, &attach) < 0);
	KT_CHECK(kt_ioctl(vm.engine_fd, CAUSEWAY_ENGINE_NEXT, &next) < 0);
	close(vm.engine_fd);
}

/* ---- fence pages ---------------------------------------------------- */

static uint64_t fence_offset(struct kt_vm *vm, uint32_t *queue_id_out)
{
	struct drm_causeway_queue_create create = {.vm_id = vm->id, .priority = 1};

	KT_EQ(kt_ioctl(vm->fd, DRM_IOCTL_CAUSEWAY_QUEUE_CREATE, &create), 0);
	*queue_id_out = create.queue_id;
	return create.fence_offset;
}

static void fence_refused(int fd, uint64_t offset, size_t bytes, int protection, int flags)
{
	if (mmap(NULL, bytes, protection, flags, fd, (off_t)offset) != MAP_FAILED)
		kt_fail("offset 0x%lx, %zu bytes, protection %d, flags %d can be mapped", offset,
			bytes, protection, flags);
}

static void fence_mappings(const void *param)
{
	struct kt_vm vm;
	uint32_t id;
	uint64_t offset;
	void *page;
	int other;

	(void)param;
	kt_vm_create(&vm, 0);
	offset = fence_offset(&vm, &id);
	fence_refused(vm.fd, offset, KT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
	fence_refused(vm.fd, offset, KT_PAGE, PROT_WRITE, MAP_SHARED);
	fence_refused(vm.fd, offset, KT_PAGE, PROT_READ | PROT_EXEC, MAP_SHARED);
	fence_refused(vm.fd, offset, 2 * KT_PAGE, PROT_READ, MAP_SHARED);
	fence_refused(vm.fd, offset + 256 * KT_PAGE, KT_PAGE, PROT_READ, MAP_SHARED);
	fence_refused(vm.fd, 0, KT_PAGE, PROT_READ, MAP_SHARED);
	fence_refused(vm.fd, 1ull << 62, KT_PAGE, PROT_READ, MAP_SHARED);
	other = kt_open_node(0);
	fence_refused(other, offset, KT_PAGE, PROT_READ, MAP_SHARED);
	page = mmap(NULL, KT_PAGE, PROT_READ, MAP_SHARED, vm.fd, (off_t)offset);
	KT_CHECK(page != MAP_FAILED);
	KT_EQ(mprotect(page, KT_PAGE, PROT_READ | PROT_WRITE), -1);
	KT_EQ(mremap(page, KT_PAGE, 2 * KT_PAGE, MREMAP_MAYMOVE) == MAP_FAILED, 1);
	KT_EQ(((volatile struct drm_causeway_fence_page *)page)->completed, 0);
	KT_EQ(((volatile struct drm_causeway_fence_page *)page)->failed, 0);
}

/* Whoever still has the page mapped may read it: queue, VM and node may go. */
static void fence_outlives(const void *param)
{
	struct kt_op op = {.fn = kt_dev_nothing};
	const volatile struct drm_causeway_fence_page *fence;
	struct kt_queue queue;
	struct kt_vm vm;
	struct drm_causeway_queue_destroy destroy;

	(void)param;
	kt_vm_open(&vm);
	kt_queue_open(&queue, &vm);
	fence = queue.fence;
	KT_EQ(kt_run(&queue, &op, NULL), DRM_CAUSEWAY_JOB_DONE);
	destroy = (struct drm_causeway_queue_destroy){.queue_id = queue.id};
	KT_EQ(kt_ioctl(vm.fd, DRM_IOCTL_CAUSEWAY_QUEUE_DESTROY, &destroy), 0);
	KT_CHECK(fence->completed >= 1);
	kt_vm_close(&vm);
	KT_CHECK(fence->completed >= 1);
}

/* ---- events and the node -------------------------------------------- */

static void event_file_calls(const void *param)
{
	struct drm_causeway_event event;
	struct pollfd wait = {.events = POLLIN};
	struct kt_vm vm;
	int fd;

	(void)param;
	kt_vm_create(&vm, 0);
	fd = kt_events(&vm, 1u << DRM_CAUSEWAY_EVENT_FAULT);
	KT_CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	KT_SYS(fcntl(fd, F_SETFL, O_NONBLOCK));
	KT_CHECK(read(fd, &event, sizeof(event)) == -1 && errno == EAGAIN);
	for (size_t size = 0; size < sizeof(event); size += 21)
		KT_CHECK(read(fd, &event, size) == -1 && errno == EINVAL);
	KT_CHECK(write(fd, &event, sizeof(event)) == -1);
	KT_CHECK(mmap(NULL, KT_PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	wait.fd = fd;
	KT_EQ(poll(&wait, 1, 0), 0);
	kt_vm_close(&vm);
	KT_EQ(poll(&wait, 1, 1000), 1);
	KT_EQ(read(fd, &event, sizeof(event)), 0);
	close(fd);
}

static void unknown_ioctls(const void *param)
{
	uint64_t data[64];
	struct uapi u;

	(void)param;
	uapi_open(&u);
	for (unsigned long nr = UAPI_CALL_COUNT; nr < 0x60; nr++) {
		int err;

		memset(data, 0, sizeof(data));
		err = kt_ioctl(u.vm.fd, DRM_IOWR(DRM_COMMAND_BASE + nr, uint64_t[8]), data);
		if (err != -EINVAL && err != -ENOTTY)
			kt_fail("ioctl %lu: %s", nr, strerror(-err));
	}
	KT_EQ(uapi_valid(&u, UAPI_SUBMIT), 0);
}

/* A longer struct of zeros is what a newer caller has; the rest of it is left alone. */
static void longer_struct(const void *param)
{
	struct {
		struct drm_causeway_event_open open;
		uint64_t more[4];
	} newer = {0};
	struct uapi u;

	(void)param;
	uapi_open(&u);
	newer.open.vm_id = u.vm.id;
	newer.open.mask = 1;
	KT_EQ(kt_ioctl(u.vm.fd,
		       _IOC(_IOC_READ | _IOC_WRITE, DRM_IOCTL_BASE,
			    DRM_COMMAND_BASE + DRM_CAUSEWAY_EVENT_OPEN, sizeof(newer)),
		       &newer),
	      0);
	KT_CHECK(newer.open.fd > 2);
	KT_EQ(newer.more[0] | newer.more[3], 0);
}

void uapi_file_cases(void)
{
	static const struct kt_case list[] = {
		{.name = "attach-wrong", .run = attach_wrong},
		{.name = "next-unattached", .run = next_unattached},
		{.name = "engine-file-calls", .run = engine_file_calls},
		{.name = "engine-file-alone", .run = engine_file_alone},
		{.name = "fence-mappings", .run = fence_mappings},
		{.name = "fence-outlives", .run = fence_outlives},
		{.name = "event-file-calls", .run = event_file_calls},
		{.name = "ioctl-unknown", .run = unknown_ioctls},
		{.name = "ioctl-longer", .run = longer_struct},
	};

	kt_add_all(list, KT_COUNT(list));
	for (size_t i = 0; i < KT_COUNT(mappings); i++) {
		char name[60];

		snprintf(name, sizeof(name), "engine-mapping-%s", mappings[i].name);
		kt_add(&(struct kt_case){
			.name = name, .run = engine_mapping, .param = &mappings[i]});
	}
}
