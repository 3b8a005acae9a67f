/* SPDX-License-Identifier: MIT */
/* Objects: other clients' numbers, the same one twice, the wrong order, limits. */
#include "uapi.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void baseline(const void *param)
{
	struct uapi u;

	(void)param;
	uapi_open(&u);
	for (unsigned int which = 0; which < UAPI_CALL_COUNT; which++) {
		for (int i = 0; i < 3; i++)
			KT_EQ(uapi_valid(&u, which), 0);
	}
	kt_queue_close(&u.queue);
	kt_vm_close(&u.vm);
}

static void device_facts(const void *param)
{
	struct drm_causeway_device_info info;
	int fd = kt_open_node(0);

	(void)param;
	kt_device_info(fd, &info);
	KT_EQ(info.instance, 0);
	KT_EQ(info.pad, 0);
	KT_CHECK(info.memory <= DRM_CAUSEWAY_MEMORY_NODE);
	KT_CHECK(info.va_start < info.va_end);
	KT_CHECK(info.va_end <= 1ull << 57);
	KT_CHECK(info.window_granule >= KT_PAGE &&
		 CAUSEWAY_WINDOW_START % info.window_granule == 0);
	KT_CHECK(CAUSEWAY_WINDOW_SIZE % info.window_granule == 0);
	KT_CHECK(info.migrate_granule >= KT_PAGE && info.counter_granule >= KT_PAGE);
	KT_CHECK(info.max_queues && info.max_jobs && info.max_pending);
	KT_EQ(info.memory == DRM_CAUSEWAY_MEMORY_NONE, info.memory_bytes == 0);
	KT_CHECK(info.memory_used <= info.memory_bytes);
	KT_EQ(info.memory == DRM_CAUSEWAY_MEMORY_NONE, !(info.caps & DRM_CAUSEWAY_CAP_MIGRATE));
	KT_CHECK(info.memory != DRM_CAUSEWAY_MEMORY_NONE || info.numa_node == -1);
	KT_EQ(info.caps & ~0xfu, 0);
}

/* A caller that knows less or more than the kernel. */
static void device_query_sizes(const void *param)
{
	struct drm_causeway_device_info info;
	unsigned char data[sizeof(info) + 64];
	struct drm_causeway_device_query query = {.data = (uintptr_t)data};
	int fd = kt_open_node(0);

	(void)param;
	kt_device_info(fd, &info);
	for (uint32_t size = 0; size <= sizeof(data); size++) {
		uint32_t known = size < sizeof(info) ? size : sizeof(info);

		memset(data, 0xa5, sizeof(data));
		query.size = size;
		KT_EQ(kt_ioctl(fd, DRM_IOCTL_CAUSEWAY_DEVICE_QUERY, &query), 0);
		KT_EQ(query.size, sizeof(info));
		KT_EQ(memcmp(data, &info, known), 0);
		for (size_t i = known; i < sizeof(data); i++)
			KT_EQ(data[i], 0xa5);
	}
}

/* ---- other clients -------------------------------------------------- */

/* Numbers mean nothing to another open file. */
static void other_client(const void *param)
{
	struct uapi u;
	union uapi_arg arg;
	int other;

	(void)param;
	uapi_open(&u);
	other = kt_open_node(0);
	KT_CHECK(other >= 0);
	for (unsigned int which = 0; which < UAPI_CALL_COUNT; which++) {
		if (which == UAPI_DEVICE_QUERY || which == UAPI_VM_CREATE)
			continue;
		if (which == UAPI_MIGRATE && !kt_can_migrate(&u.vm))
			continue;
		memset(&arg, 0, sizeof(arg));
		uapi_calls[which].make(&u, &arg);
		if (kt_ioctl(other, uapi_calls[which].request, &arg) != -ENOENT)
			kt_fail("%s takes another client's number", uapi_calls[which].name);
		/* ... and is not used up by the attempt. */
		KT_EQ(kt_ioctl(u.vm.fd, uapi_calls[which].request, &arg), 0);
	}
}

static void destroy_twice(const void *param)
{
	union uapi_arg arg = {0};
	struct uapi u;

	(void)param;
	uapi_open(&u);
	uapi_calls[UAPI_VM_DESTROY].make(&u, &arg);
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_VM_DESTROY, &arg), 0);
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_VM_DESTROY, &arg), -ENOENT);
	memset(&arg, 0, sizeof(arg));
	uapi_calls[UAPI_QUEUE_DESTROY].make(&u, &arg);
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_QUEUE_DESTROY, &arg), 0);
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_QUEUE_DESTROY, &arg), -ENOENT);
}

/* Everything of a VM is gone with it. */
static void use_after_destroy(const void *param)
{
	struct uapi u;
	union uapi_arg arg;

	(void)param;
	uapi_open(&u);
	KT_EQ(uapi_valid(&u, UAPI_SUBMIT), 0);
	KT_EQ(kt_wait(&u.queue, 1, -1, NULL), 0);
	arg.vm_destroy = (struct drm_causeway_vm_destroy){.vm_id = u.vm.id};
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_VM_DESTROY, &arg), 0);
	for (unsigned int which = UAPI_ADVISE; which < UAPI_CALL_COUNT; which++) {
		int err;

		if (which == UAPI_QUEUE_DESTROY)
			continue;
		memset(&arg, 0, sizeof(arg));
		uapi_calls[which].make(&u, &arg);
		err = kt_ioctl(u.vm.fd, uapi_calls[which].request, &arg);
		if (err != -ENOENT && !(which == UAPI_MIGRATE && err == -EOPNOTSUPP))
			kt_fail("%s after VM_DESTROY: %s", uapi_calls[which].name, strerror(-err));
	}
}

/* ---- order ---------------------------------------------------------- */

static void submit_without_engine(const void *param)
{
	struct kt_op op = {.fn = kt_dev_nothing};
	struct kt_queue queue;
	struct kt_vm vm;
	void *slot;

	(void)param;
	kt_vm_create(&vm, 0);
	kt_queue_open(&queue, &vm);
	slot = kt_slot_get(&op);
	KT_EQ(kt_submit(&queue, &slot, 1, &op), -ENOTCONN);
	KT_EQ(kt_wait(&queue, 1, 0, NULL), -EINVAL);
	KT_EQ(kt_engine_start(&vm, 1), 0);
	KT_EQ(kt_submit(&queue, &slot, 1, &op), 0);
	KT_EQ(queue.last, 1);
	KT_EQ(kt_wait(&queue, 1, -1, NULL), 0);
	kt_queue_close(&queue);
	kt_vm_close(&vm);
}

static void second_engine(const void *param)
{
	struct kt_vm vm;
	pid_t first;

	(void)param;
	kt_vm_create(&vm, 0);
	KT_EQ(kt_engine_start(&vm, 1), 0);
	first = vm.engine;
	KT_EQ(kt_engine_start(&vm, 1), -EBUSY);
	vm.engine = first;
	kt_vm_close(&vm);
}

/* ---- limits --------------------------------------------------------- */

static void max_queues(const void *param)
{
	struct drm_causeway_queue_create create;
	struct kt_vm vm;
	uint32_t *ids;

	(void)param;
	kt_vm_open(&vm);
	ids = calloc(vm.info.max_queues, sizeof(*ids));
	KT_CHECK(ids);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i <= vm.info.max_queues; i++) {
			int err;

			create = (struct drm_causeway_queue_create){.vm_id = vm.id, .priority = 1};
			err = kt_ioctl(vm.fd, DRM_IOCTL_CAUSEWAY_QUEUE_CREATE, &create);
			KT_EQ(err, i < vm.info.max_queues ? 0 : -ENOSPC);
			if (!err)
				ids[i] = create.queue_id;
		}
		for (uint32_t i = 0; i < vm.info.max_queues; i++) {
			struct drm_causeway_queue_destroy destroy = {.queue_id = ids[i]};

			KT_EQ(kt_ioctl(vm.fd, DRM_IOCTL_CAUSEWAY_QUEUE_DESTROY, &destroy), 0);
		}
	}
	kt_vm_close(&vm);
}

/* More VMs than anybody needs: in the end there is an error, and all can go. */
static void many_vms(const void *param)
{
	struct rlimit files = {4096, 4096};
	size_t made = 0;
	int fd = kt_open_node(0), err = 0;

	(void)param;
	setrlimit(RLIMIT_NOFILE, &files);
	while (made < 2000) {
		struct drm_causeway_vm_create create = {.window_start = CAUSEWAY_WINDOW_START,
							.window_size = CAUSEWAY_WINDOW_SIZE};

		err = kt_ioctl(fd, DRM_IOCTL_CAUSEWAY_VM_CREATE, &create);
		if (err)
			break;
		KT_CHECK(create.vm_id != 0);
		close(create.engine_fd);
		made++;
	}
	KT_CHECK(err == 0 || err == -ENOSPC || err == -EMFILE);
	KT_CHECK(made >= 16);
	kt_note("%zu VMs of one client", made);
}

static void max_jobs(const void *param)
{
	struct kt_op op = {.fn = kt_dev_nothing};
	struct drm_causeway_job *jobs;
	struct drm_causeway_submit submit;
	struct uapi u;
	void *slot;

	(void)param;
	uapi_open(&u);
	slot = kt_slot_get(&op);
	jobs = calloc(u.vm.info.max_jobs + 1, sizeof(*jobs));
	KT_CHECK(jobs);
	for (uint32_t i = 0; i <= u.vm.info.max_jobs; i++)
		jobs[i] = (struct drm_causeway_job){.address = (uintptr_t)slot, .width = 1};
	submit = (struct drm_causeway_submit){.queue_id = u.queue.id,
					      .job_count = u.vm.info.max_jobs + 1,
					      .jobs = (uintptr_t)jobs};
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_SUBMIT, &submit), -EINVAL);
	submit.job_count = u.vm.info.max_jobs;
	if (u.vm.info.max_jobs <= u.vm.info.max_pending) {
		KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_SUBMIT, &submit), 0);
		KT_EQ(submit.seqno, u.vm.info.max_jobs);
		KT_EQ(kt_wait(&u.queue, submit.seqno, -1, NULL), 0);
	}
	kt_vm_close(&u.vm);
}

/* A queue that is full says so, takes all of a batch or none, and goes on. */
static void max_pending(const void *param)
{
	uint32_t *gate = kt_anon(KT_PAGE);
	struct kt_op hold = {.fn = kt_dev_wait, .args = {.p = (uintptr_t)gate, .a = 1, .b = 2}};
	struct kt_op op = {.fn = kt_dev_nothing};
	struct kt_op two[2] = {op, op};
	struct uapi u;
	void *slots[2];
	uint64_t last;
	int err;

	(void)param;
	uapi_open(&u);
	slots[0] = slots[1] = kt_slot_get(&op);
	kt_start(&u.queue, &hold);
	while ((err = kt_submit(&u.queue, slots, 1, &op)) == 0) {
		if (u.queue.last > u.vm.info.max_pending)
			kt_fail("%lu jobs are pending", u.queue.last);
	}
	KT_EQ(err, -EAGAIN);
	KT_EQ(u.queue.last, u.vm.info.max_pending);
	last = u.queue.last;
	KT_EQ(kt_submit(&u.queue, slots, 2, two), -EAGAIN);
	*gate = 1;
	KT_EQ(kt_wait(&u.queue, last, -1, NULL), 0);
	KT_EQ(gate[1], 2);
	KT_EQ(kt_submit(&u.queue, slots, 2, two), 0);
	KT_EQ(u.queue.last, last + 2);
	KT_EQ(kt_wait(&u.queue, last + 2, -1, NULL), 0);
	kt_vm_close(&u.vm);
}

/* ---- jobs ----------------------------------------------------------- */

/*
 * struct bad_job - a job among good ones that makes the whole batch wrong
 */
struct bad_job {
	const char *name;
	struct drm_causeway_job job;
};

static const struct bad_job bad_jobs[] = {
	{"pad", {.width = 1, .pad = 1}},
	{"width-zero", {.width = 0}},
};

static void bad_job(const void *param)
{
	const struct bad_job *b = param;
	struct drm_causeway_job jobs[3];
	struct drm_causeway_submit submit = {.job_count = 3, .jobs = (uintptr_t)jobs};
	uint32_t *count = kt_anon(KT_PAGE);
	struct kt_op op = {.fn = kt_dev_count, .args = {.p = (uintptr_t)count}};
	struct uapi u;

	uapi_open(&u);
	submit.queue_id = u.queue.id;
	for (unsigned int bad = 0; bad < 3; bad++) {
		for (unsigned int i = 0; i < 3; i++) {
			jobs[i] = i == bad ? b->job : (struct drm_causeway_job){.width = 1};
			jobs[i].address = (uintptr_t)kt_slot_get(&op);
		}
		KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_SUBMIT, &submit), -EINVAL);
	}
	KT_EQ(kt_wait(&u.queue, 1, 0, NULL), -EINVAL);
	KT_EQ(*count, 0);
	KT_EQ(kt_run(&u.queue, &op, NULL), DRM_CAUSEWAY_JOB_DONE);
	KT_EQ(*count, 1);
	kt_vm_close(&u.vm);
}

static void bad_syncobjs(const void *param)
{
	struct drm_syncobj_create syncobj = {0};
	uint32_t handles[2] = {0x7fffff, 0x7fffff};
	struct uapi u;
	union uapi_arg arg = {0};

	(void)param;
	uapi_open(&u);
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_SYNCOBJ_CREATE, &syncobj), 0);
	uapi_calls[UAPI_SUBMIT].make(&u, &arg);
	arg.submit.syncobjs = (uintptr_t)handles;
	arg.submit.syncobj_count = 1;
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_SUBMIT, &arg), -ENOENT);
	handles[0] = syncobj.handle;
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_SUBMIT, &arg), -EINVAL);
	arg.submit.syncobj_count = ~0u;
	KT_CHECK(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_SUBMIT, &arg) < 0);
	KT_EQ(kt_wait(&u.queue, 1, 0, NULL), -EINVAL);
	syncobj.flags = DRM_SYNCOBJ_CREATE_SIGNALED;
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_SYNCOBJ_CREATE, &syncobj), 0);
	handles[0] = syncobj.handle;
	arg.submit.syncobj_count = 1;
	KT_EQ(kt_ioctl(u.vm.fd, DRM_IOCTL_CAUSEWAY_SUBMIT, &arg), 0);
	KT_EQ(arg.submit.seqno, 1);
	KT_EQ(kt_wait(&u.queue, 1, -1, NULL), 0);
	kt_vm_close(&u.vm);
}

void uapi_object_cases(void)
{
	static const struct kt_case list[] = {
		{.name = "baseline", .run = baseline},
		{.name = "device-facts", .run = device_facts},
		{.name = "device-query-sizes", .run = device_query_sizes},
		{.name = "other-client", .run = other_client},
		{.name = "destroy-twice", .run = destroy_twice},
		{.name = "use-after-destroy", .run = use_after_destroy},
		{.name = "submit-without-engine", .run = submit_without_engine},
		{.name = "second-engine", .run = second_engine},
		{.name = "limit-queues", .run = max_queues},
		{.name = "limit-vms", .run = many_vms},
		{.name = "limit-jobs", .run = max_jobs},
		{.name = "limit-pending", .run = max_pending},
		{.name = "syncobj-bad", .run = bad_syncobjs},
	};

	kt_add_all(list, KT_COUNT(list));
	for (size_t i = 0; i < KT_COUNT(bad_jobs); i++) {
		char name[60];

		snprintf(name, sizeof(name), "job-%s", bad_jobs[i].name);
		kt_add(&(struct kt_case){.name = name, .run = bad_job, .param = &bad_jobs[i]});
	}
}
