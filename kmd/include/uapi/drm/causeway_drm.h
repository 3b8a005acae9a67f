/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * The user-space interface of the causeway DRM driver: an accelerator that
 * shares the address space of the process that opened it.
 *
 * DOC: overview
 *
 * A client opens the render node and makes a *VM*: a mirror of its own address
 * space, as it is at every moment.  There are no buffer objects: every address
 * that the process may load or store is one that the device may load or store,
 * with the same protection, and the driver keeps the device's page tables in
 * step.  *Queues* belong to a VM; *jobs* are submitted to a queue and run in
 * the order of submission within it.
 *
 * Where the bytes lie is the driver's business and never changes what a
 * program computes.  ADVISE says what the client would like, MIGRATE moves now,
 * QUERY tells how things are.
 *
 * Because the device faults on what it does not have, a job may take any time
 * and needs memory to make progress.  Such work must not publish a dma-fence;
 * completion is a sequence number in the queue's fence page, which the client
 * maps read-only, and WAIT sleeps until it is reached.
 *
 * DOC: conventions
 *
 * Addresses and lengths are bytes and multiples of the CPU's page size unless
 * a field says otherwise.  Pads, and bits of flags that are not defined, must
 * be 0 (EINVAL).  Arrays are passed as a 64-bit user address and a count.
 * Every struct has the same layout for 32- and 64-bit callers; new fields go to
 * the end.  All ioctls are open to render clients.  Times are ns of CLOCK_MONOTONIC.
 *
 * Errors that every ioctl may give: EFAULT (bad user address), EINVAL (bad
 * argument), ENOENT (no such VM or queue of this client), ENODEV (the device
 * is gone), ENOMEM, EINTR/ERESTARTSYS.
 */
#ifndef _UAPI_CAUSEWAY_DRM_H_
#define _UAPI_CAUSEWAY_DRM_H_

#include "drm.h"

#define DRM_CAUSEWAY_DEVICE_QUERY  0x00
#define DRM_CAUSEWAY_VM_CREATE	   0x01
#define DRM_CAUSEWAY_VM_DESTROY	   0x02
#define DRM_CAUSEWAY_ADVISE	   0x03
#define DRM_CAUSEWAY_MIGRATE	   0x04
#define DRM_CAUSEWAY_QUERY	   0x05
#define DRM_CAUSEWAY_QUEUE_CREATE  0x06
#define DRM_CAUSEWAY_QUEUE_DESTROY 0x07
#define DRM_CAUSEWAY_SUBMIT	   0x08
#define DRM_CAUSEWAY_WAIT	   0x09
#define DRM_CAUSEWAY_EVENT_OPEN	   0x0a

#define DRM_IOCTL_CAUSEWAY_DEVICE_QUERY                                                            \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_CAUSEWAY_DEVICE_QUERY, struct drm_causeway_device_query)
#define DRM_IOCTL_CAUSEWAY_VM_CREATE                                                               \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_CAUSEWAY_VM_CREATE, struct drm_causeway_vm_create)
#define DRM_IOCTL_CAUSEWAY_VM_DESTROY                                                              \
	DRM_IOW(DRM_COMMAND_BASE + DRM_CAUSEWAY_VM_DESTROY, struct drm_causeway_vm_destroy)
#define DRM_IOCTL_CAUSEWAY_ADVISE                                                                  \
	DRM_IOW(DRM_COMMAND_BASE + DRM_CAUSEWAY_ADVISE, struct drm_causeway_advise)
#define DRM_IOCTL_CAUSEWAY_MIGRATE                                                                 \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_CAUSEWAY_MIGRATE, struct drm_causeway_migrate)
#define DRM_IOCTL_CAUSEWAY_QUERY                                                                   \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_CAUSEWAY_QUERY, struct drm_causeway_query)
#define DRM_IOCTL_CAUSEWAY_QUEUE_CREATE                                                            \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_CAUSEWAY_QUEUE_CREATE, struct drm_causeway_queue_create)
#define DRM_IOCTL_CAUSEWAY_QUEUE_DESTROY                                                           \
	DRM_IOW(DRM_COMMAND_BASE + DRM_CAUSEWAY_QUEUE_DESTROY, struct drm_causeway_queue_destroy)
#define DRM_IOCTL_CAUSEWAY_SUBMIT                                                                  \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_CAUSEWAY_SUBMIT, struct drm_causeway_submit)
#define DRM_IOCTL_CAUSEWAY_WAIT                                                                    \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_CAUSEWAY_WAIT, struct drm_causeway_wait)
#define DRM_IOCTL_CAUSEWAY_EVENT_OPEN                                                              \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_CAUSEWAY_EVENT_OPEN, struct drm_causeway_event_open)

/* ---- device ---------------------------------------------------------- */

/**
 * enum drm_causeway_memory - the form of the device's own memory
 * @DRM_CAUSEWAY_MEMORY_NONE: it has none; everything is mirrored in place
 * @DRM_CAUSEWAY_MEMORY_PRIVATE: pages that the CPU can't map: a CPU touch
 *	brings them home
 * @DRM_CAUSEWAY_MEMORY_COHERENT: pages that the CPU may map
 * @DRM_CAUSEWAY_MEMORY_NODE: a NUMA node of its own without CPUs
 */
enum drm_causeway_memory {
	DRM_CAUSEWAY_MEMORY_NONE = 0,
	DRM_CAUSEWAY_MEMORY_PRIVATE = 1,
	DRM_CAUSEWAY_MEMORY_COHERENT = 2,
	DRM_CAUSEWAY_MEMORY_NODE = 3,
};

/* Capabilities, drm_causeway_device_info.caps */
#define DRM_CAUSEWAY_CAP_MIGRATE   (1u << 0) /* private anonymous memory can move to the device */
#define DRM_CAUSEWAY_CAP_EXCLUSIVE (1u << 1) /* DRM_CAUSEWAY_ATOMICS_EXCLUSIVE works */
#define DRM_CAUSEWAY_CAP_HUGE	   (1u << 2) /* 2 MiB entries are used */
#define DRM_CAUSEWAY_CAP_DUPLICATE (1u << 3) /* read-mostly pages are duplicated */

/**
 * struct drm_causeway_device_info - facts of the device, constant but for @memory_used
 * @instance: number of the device among those of the module, from 0
 * @memory: enum drm_causeway_memory
 * @caps: DRM_CAUSEWAY_CAP_*
 * @numa_node: of the memory; -1 when it has none
 * @memory_bytes: size of the device's memory
 * @memory_used: bytes of it in use, by all clients
 * @va_start: lowest address the device reaches
 * @va_end: first address beyond
 * @window_granule: alignment of a VM's engine window, bytes
 * @migrate_granule: bytes that move together where they can
 * @counter_granule: bytes that one access counter stands for
 * @max_queues: queues of one VM
 * @max_jobs: jobs of one SUBMIT
 * @max_pending: jobs of one queue that may be unfinished
 * @pad: 0
 */
struct drm_causeway_device_info {
	__u32 instance;
	__u32 memory;
	__u32 caps;
	__s32 numa_node;
	__u64 memory_bytes;
	__u64 memory_used;
	__u64 va_start;
	__u64 va_end;
	__u64 window_granule;
	__u64 migrate_granule;
	__u64 counter_granule;
	__u32 max_queues;
	__u32 max_jobs;
	__u32 max_pending;
	__u32 pad;
};

/**
 * struct drm_causeway_device_query - DRM_IOCTL_CAUSEWAY_DEVICE_QUERY
 * @data: address of a struct drm_causeway_device_info
 * @size: in: bytes at @data; out: bytes the kernel knows.  The smaller of both
 *	is copied.
 * @pad: 0
 */
struct drm_causeway_device_query {
	__u64 data;
	__u32 size;
	__u32 pad;
};

/* ---- VM -------------------------------------------------------------- */

/**
 * struct drm_causeway_vm_create - DRM_IOCTL_CAUSEWAY_VM_CREATE
 *
 * Binds the caller's address space (it stays bound after execve() or fork();
 * the VM then serves faults no more, or not the child's).  The window is the
 * part of the address space that is not mirrored: the device's own program,
 * stacks, code and job memory lie there.  The client reserves it (PROT_NONE or
 * memory shared with the engine).
 *
 * @window_start: first byte of the window, a multiple of window_granule
 * @window_size: bytes, a multiple of window_granule, not 0
 * @flags: 0
 * @vm_id: out: the VM
 * @engine_fd: out: close-on-exec file that an engine process maps and attaches to
 * @pad: 0
 *
 * Errors: ENOSPC (too many VMs), EPERM (the caller is an engine).
 */
struct drm_causeway_vm_create {
	__u64 window_start;
	__u64 window_size;
	__u32 flags;
	__u32 vm_id;
	__s32 engine_fd;
	__u32 pad;
};

/**
 * struct drm_causeway_vm_destroy - DRM_IOCTL_CAUSEWAY_VM_DESTROY
 *
 * Ends all queues of the VM as QUEUE_DESTROY does, takes the address space away
 * from the engine (which is told to exit) and brings all memory home.
 *
 * @vm_id: the VM
 * @pad: 0
 */
struct drm_causeway_vm_destroy {
	__u32 vm_id;
	__u32 pad;
};

/* ---- advice ---------------------------------------------------------- */

/**
 * enum drm_causeway_attr_type - what ADVISE sets and QUERY tells
 * @DRM_CAUSEWAY_ATTR_LOCATION: value: a drm_causeway_location; where pages of
 *	the range are best kept
 * @DRM_CAUSEWAY_ATTR_READ_MOSTLY: value: 0 or 1; several devices may hold copies
 * @DRM_CAUSEWAY_ATTR_ATOMICS: value: a drm_causeway_atomics
 * @DRM_CAUSEWAY_ATTR_ACCESS: value: a drm_causeway_access; what this device may
 *	do with the range
 * @DRM_CAUSEWAY_ATTR_GRANULE: value: log2 of the bytes that one fault makes
 *	present or moves, 12 to 21; 0: the driver chooses
 */
enum drm_causeway_attr_type {
	DRM_CAUSEWAY_ATTR_LOCATION = 0,
	DRM_CAUSEWAY_ATTR_READ_MOSTLY = 1,
	DRM_CAUSEWAY_ATTR_ATOMICS = 2,
	DRM_CAUSEWAY_ATTR_ACCESS = 3,
	DRM_CAUSEWAY_ATTR_GRANULE = 4,
};

#define DRM_CAUSEWAY_ATTR_COUNT 5

/**
 * enum drm_causeway_location - values of DRM_CAUSEWAY_ATTR_LOCATION
 * @DRM_CAUSEWAY_LOCATION_DEFAULT: the driver chooses by what it sees
 * @DRM_CAUSEWAY_LOCATION_SYSTEM: system memory; the device maps it there
 * @DRM_CAUSEWAY_LOCATION_DEVICE: the memory of this device
 */
enum drm_causeway_location {
	DRM_CAUSEWAY_LOCATION_DEFAULT = 0,
	DRM_CAUSEWAY_LOCATION_SYSTEM = 1,
	DRM_CAUSEWAY_LOCATION_DEVICE = 2,
};

/**
 * enum drm_causeway_atomics - values of DRM_CAUSEWAY_ATTR_ATOMICS
 * @DRM_CAUSEWAY_ATOMICS_SYSTEM: atomic against the CPU wherever the page lies
 * @DRM_CAUSEWAY_ATOMICS_DEVICE: atomic among the device's threads at least
 * @DRM_CAUSEWAY_ATOMICS_EXCLUSIVE: while the device writes a page the CPU has no
 *	access to it (make_device_exclusive)
 */
enum drm_causeway_atomics {
	DRM_CAUSEWAY_ATOMICS_SYSTEM = 0,
	DRM_CAUSEWAY_ATOMICS_DEVICE = 1,
	DRM_CAUSEWAY_ATOMICS_EXCLUSIVE = 2,
};

/**
 * enum drm_causeway_access - values of DRM_CAUSEWAY_ATTR_ACCESS
 * @DRM_CAUSEWAY_ACCESS_DEFAULT: what the process itself may do
 * @DRM_CAUSEWAY_ACCESS_READ: reads at most
 * @DRM_CAUSEWAY_ACCESS_NONE: nothing: a touch by the device is a fault
 */
enum drm_causeway_access {
	DRM_CAUSEWAY_ACCESS_DEFAULT = 0,
	DRM_CAUSEWAY_ACCESS_READ = 1,
	DRM_CAUSEWAY_ACCESS_NONE = 2,
};

/**
 * struct drm_causeway_attr - one attribute
 * @type: enum drm_causeway_attr_type
 * @value: see there
 */
struct drm_causeway_attr {
	__u32 type;
	__u32 value;
};

/**
 * struct drm_causeway_advise - DRM_IOCTL_CAUSEWAY_ADVISE
 *
 * All attributes are set on the whole range, or none.  The range must be mapped
 * now; attributes outlive migration and end with munmap(), mremap() away or a
 * new mapping over them.  Advice moves nothing by itself.
 *
 * @start: first byte of the range
 * @length: bytes, not 0
 * @attrs: address of @attr_count struct drm_causeway_attr, each type once
 * @attr_count: 1 to DRM_CAUSEWAY_ATTR_COUNT
 * @vm_id: the VM
 *
 * Errors: ENXIO (a part is not mapped), EOPNOTSUPP (exclusive atomics without
 * DRM_CAUSEWAY_CAP_EXCLUSIVE).
 */
struct drm_causeway_advise {
	__u64 start;
	__u64 length;
	__u64 attrs;
	__u32 attr_count;
	__u32 vm_id;
};

/* ---- migration ------------------------------------------------------- */

/**
 * enum drm_causeway_reason - why a page stayed where it was, or a fault failed
 * @DRM_CAUSEWAY_REASON_NONE: no reason
 * @DRM_CAUSEWAY_REASON_THERE: it was there already
 * @DRM_CAUSEWAY_REASON_FILE: file or shared memory: mirrored in place, never moved
 * @DRM_CAUSEWAY_REASON_MERGEABLE: MADV_MERGEABLE memory is never moved
 * @DRM_CAUSEWAY_REASON_SPECIAL: device mappings, hugetlb, locked page tables
 * @DRM_CAUSEWAY_REASON_PINNED: somebody else holds a reference (DMA, O_DIRECT)
 * @DRM_CAUSEWAY_REASON_NO_MEMORY: no room at the destination
 * @DRM_CAUSEWAY_REASON_BUSY: the page changed under the copy; try again
 * @DRM_CAUSEWAY_REASON_ADVICE: advice keeps it where it is
 * @DRM_CAUSEWAY_REASON_THRASHING: it went back and forth too often
 * @DRM_CAUSEWAY_REASON_UNMAPPED: no mapping at this address
 * @DRM_CAUSEWAY_REASON_PROTECTION: the mapping doesn't allow this access
 * @DRM_CAUSEWAY_REASON_OWNER_GONE: the address space has ended
 * @DRM_CAUSEWAY_REASON_DEVICE_OFF: the device is going away
 * @DRM_CAUSEWAY_REASON_IO: reading the page in failed (SIGBUS for a CPU)
 * @DRM_CAUSEWAY_REASON_RESET: the job was stopped by a reset
 */
enum drm_causeway_reason {
	DRM_CAUSEWAY_REASON_NONE = 0,
	DRM_CAUSEWAY_REASON_THERE = 1,
	DRM_CAUSEWAY_REASON_FILE = 2,
	DRM_CAUSEWAY_REASON_MERGEABLE = 3,
	DRM_CAUSEWAY_REASON_SPECIAL = 4,
	DRM_CAUSEWAY_REASON_PINNED = 5,
	DRM_CAUSEWAY_REASON_NO_MEMORY = 6,
	DRM_CAUSEWAY_REASON_BUSY = 7,
	DRM_CAUSEWAY_REASON_ADVICE = 8,
	DRM_CAUSEWAY_REASON_THRASHING = 9,
	DRM_CAUSEWAY_REASON_UNMAPPED = 10,
	DRM_CAUSEWAY_REASON_PROTECTION = 11,
	DRM_CAUSEWAY_REASON_OWNER_GONE = 12,
	DRM_CAUSEWAY_REASON_DEVICE_OFF = 13,
	DRM_CAUSEWAY_REASON_IO = 14,
	DRM_CAUSEWAY_REASON_RESET = 15,
};

#define DRM_CAUSEWAY_REASON_COUNT 16

/**
 * struct drm_causeway_migrate - DRM_IOCTL_CAUSEWAY_MIGRATE
 *
 * Moves the pages of a range now and returns when it is done.  That a page
 * can't move is no error: it is counted in @skipped under its reason.  A signal
 * ends the call early with what was done so far in the struct (EINTR).
 *
 * @start: first byte of the range
 * @length: bytes, not 0
 * @vm_id: the VM
 * @location: DRM_CAUSEWAY_LOCATION_SYSTEM or _DEVICE
 * @flags: 0
 * @pad: 0
 * @moved: out: pages that moved
 * @skipped: out: pages that didn't, by enum drm_causeway_reason
 *
 * Errors: ENXIO (a part is not mapped; the rest was moved), EOPNOTSUPP (no
 * DRM_CAUSEWAY_CAP_MIGRATE).
 */
struct drm_causeway_migrate {
	__u64 start;
	__u64 length;
	__u32 vm_id;
	__u32 location;
	__u32 flags;
	__u32 pad;
	__u64 moved;
	__u64 skipped[DRM_CAUSEWAY_REASON_COUNT];
};

/* ---- query ----------------------------------------------------------- */

/**
 * enum drm_causeway_query_type - what QUERY writes
 * @DRM_CAUSEWAY_QUERY_ATTRS: struct drm_causeway_attr_range, one for each piece
 *	of the range with equal attributes, ascending; pieces without any are left out
 * @DRM_CAUSEWAY_QUERY_RESIDENCY: one __u8 a page, DRM_CAUSEWAY_PAGE_*; nothing is
 *	faulted in or moved
 * @DRM_CAUSEWAY_QUERY_ACCESS: one __u32 for each counter_granule of the range: how
 *	often the device was seen to use it
 * @DRM_CAUSEWAY_QUERY_COUNTERS: one __u64 for each enum drm_causeway_counter of
 *	the VM; the range must be 0, 0
 */
enum drm_causeway_query_type {
	DRM_CAUSEWAY_QUERY_ATTRS = 0,
	DRM_CAUSEWAY_QUERY_RESIDENCY = 1,
	DRM_CAUSEWAY_QUERY_ACCESS = 2,
	DRM_CAUSEWAY_QUERY_COUNTERS = 3,
};

/* A page, DRM_CAUSEWAY_QUERY_RESIDENCY */
#define DRM_CAUSEWAY_PAGE_PRESENT (1u << 0) /* the process has it in memory (anywhere) */
#define DRM_CAUSEWAY_PAGE_DEVICE  (1u << 1) /* it lies in the memory of this device */
#define DRM_CAUSEWAY_PAGE_PEER	  (1u << 2) /* it lies in the memory of another causeway device */
#define DRM_CAUSEWAY_PAGE_WRITE	  (1u << 3) /* the process may write it without a fault */
#define DRM_CAUSEWAY_PAGE_MAPPED  (1u << 4) /* the device may have it in its page tables */
#define DRM_CAUSEWAY_PAGE_COPY	  (1u << 5) /* this device has a read-only duplicate */
#define DRM_CAUSEWAY_PAGE_PINNED  (1u << 6) /* kept in system memory: it was thrashing */

/**
 * struct drm_causeway_attr_range - DRM_CAUSEWAY_QUERY_ATTRS
 * @start: first byte
 * @length: bytes
 * @values: value of each enum drm_causeway_attr_type
 * @pad: 0
 */
struct drm_causeway_attr_range {
	__u64 start;
	__u64 length;
	__u32 values[DRM_CAUSEWAY_ATTR_COUNT];
	__u32 pad;
};

/**
 * enum drm_causeway_counter - counters of a VM; all only rise, but where it says "now"
 * @DRM_CAUSEWAY_COUNTER_FAULTS: device faults, served or not
 * @DRM_CAUSEWAY_COUNTER_FAULTS_FAILED: that ended in a signal to the job
 * @DRM_CAUSEWAY_COUNTER_FAULT_NS: time spent in them
 * @DRM_CAUSEWAY_COUNTER_RETRIES: passes repeated because the range was invalidated
 * @DRM_CAUSEWAY_COUNTER_MAPPED_PAGES: entries of 4 KiB written to device page tables
 * @DRM_CAUSEWAY_COUNTER_MAPPED_HUGE: entries of 2 MiB
 * @DRM_CAUSEWAY_COUNTER_INVALIDATIONS: notifier calls
 * @DRM_CAUSEWAY_COUNTER_INVALIDATIONS_EMPTY: of which nothing was mapped
 * @DRM_CAUSEWAY_COUNTER_MIGRATED_IN: pages moved to the device
 * @DRM_CAUSEWAY_COUNTER_MIGRATED_OUT: pages moved home by MIGRATE or the driver
 * @DRM_CAUSEWAY_COUNTER_CPU_FAULTS: CPU touches of device pages
 * @DRM_CAUSEWAY_COUNTER_CPU_FAULT_PAGES: pages they brought home
 * @DRM_CAUSEWAY_COUNTER_EVICTED: pages moved home because memory was short
 * @DRM_CAUSEWAY_COUNTER_SKIPPED: pages that were to move and did not
 * @DRM_CAUSEWAY_COUNTER_THRASH_PINNED: pages kept at home for thrashing
 * @DRM_CAUSEWAY_COUNTER_PROMOTED: pages moved in because access counters said so
 * @DRM_CAUSEWAY_COUNTER_DUPLICATED: pages copied for reading
 * @DRM_CAUSEWAY_COUNTER_COLLAPSED: duplicates dropped because of a write
 * @DRM_CAUSEWAY_COUNTER_EXCLUSIVE: pages taken exclusively
 * @DRM_CAUSEWAY_COUNTER_RESIDENT: now: pages of this VM in the device's memory
 * @DRM_CAUSEWAY_COUNTER_CHUNKS: now: interval notifiers
 * @DRM_CAUSEWAY_COUNTER_ATTR_RANGES: now: ranges with attributes
 * @DRM_CAUSEWAY_COUNTER_JOBS: jobs finished
 * @DRM_CAUSEWAY_COUNTER_JOBS_FAILED: of which with an error
 * @DRM_CAUSEWAY_COUNTER_RESETS: queues reset
 * @DRM_CAUSEWAY_COUNTER_ENGINE_NS: time that engine threads spent in jobs
 * @DRM_CAUSEWAY_COUNTER_EVENTS_LOST: records dropped because nobody read them
 */
enum drm_causeway_counter {
	DRM_CAUSEWAY_COUNTER_FAULTS = 0,
	DRM_CAUSEWAY_COUNTER_FAULTS_FAILED = 1,
	DRM_CAUSEWAY_COUNTER_FAULT_NS = 2,
	DRM_CAUSEWAY_COUNTER_RETRIES = 3,
	DRM_CAUSEWAY_COUNTER_MAPPED_PAGES = 4,
	DRM_CAUSEWAY_COUNTER_MAPPED_HUGE = 5,
	DRM_CAUSEWAY_COUNTER_INVALIDATIONS = 6,
	DRM_CAUSEWAY_COUNTER_INVALIDATIONS_EMPTY = 7,
	DRM_CAUSEWAY_COUNTER_MIGRATED_IN = 8,
	DRM_CAUSEWAY_COUNTER_MIGRATED_OUT = 9,
	DRM_CAUSEWAY_COUNTER_CPU_FAULTS = 10,
	DRM_CAUSEWAY_COUNTER_CPU_FAULT_PAGES = 11,
	DRM_CAUSEWAY_COUNTER_EVICTED = 12,
	DRM_CAUSEWAY_COUNTER_SKIPPED = 13,
	DRM_CAUSEWAY_COUNTER_THRASH_PINNED = 14,
	DRM_CAUSEWAY_COUNTER_PROMOTED = 15,
	DRM_CAUSEWAY_COUNTER_DUPLICATED = 16,
	DRM_CAUSEWAY_COUNTER_COLLAPSED = 17,
	DRM_CAUSEWAY_COUNTER_EXCLUSIVE = 18,
	DRM_CAUSEWAY_COUNTER_RESIDENT = 19,
	DRM_CAUSEWAY_COUNTER_CHUNKS = 20,
	DRM_CAUSEWAY_COUNTER_ATTR_RANGES = 21,
	DRM_CAUSEWAY_COUNTER_JOBS = 22,
	DRM_CAUSEWAY_COUNTER_JOBS_FAILED = 23,
	DRM_CAUSEWAY_COUNTER_RESETS = 24,
	DRM_CAUSEWAY_COUNTER_ENGINE_NS = 25,
	DRM_CAUSEWAY_COUNTER_EVENTS_LOST = 26,
};

#define DRM_CAUSEWAY_COUNTER_COUNT 27

/**
 * struct drm_causeway_query - DRM_IOCTL_CAUSEWAY_QUERY
 *
 * @start: first byte of the range
 * @length: bytes
 * @data: address of the elements that the kernel writes
 * @count: in: how many fit; out: how many were written
 * @type: enum drm_causeway_query_type
 * @cursor: in: 0, or what the last call returned; out: where to go on, 0 when
 *	all was told
 * @vm_id: the VM
 * @pad: 0
 */
struct drm_causeway_query {
	__u64 start;
	__u64 length;
	__u64 data;
	__u32 count;
	__u32 type;
	__u64 cursor;
	__u32 vm_id;
	__u32 pad;
};

/* ---- queues and jobs ------------------------------------------------- */

/** enum drm_causeway_priority - of a queue among those of its VM */
enum drm_causeway_priority {
	DRM_CAUSEWAY_PRIORITY_LOW = 0,
	DRM_CAUSEWAY_PRIORITY_NORMAL = 1,
	DRM_CAUSEWAY_PRIORITY_HIGH = 2,
};

/**
 * struct drm_causeway_queue_create - DRM_IOCTL_CAUSEWAY_QUEUE_CREATE
 * @vm_id: the VM
 * @priority: enum drm_causeway_priority
 * @timeout_ms: a job that runs longer is stopped (DRM_CAUSEWAY_JOB_RESET); the
 *	jobs behind it go on; 0: never
 * @flags: 0
 * @queue_id: out: the queue
 * @pad: 0
 * @fence_offset: out: offset for mmap() of the render node, PROT_READ, one page:
 *	a struct drm_causeway_fence_page
 *
 * Errors: ENOSPC (max_queues reached).
 */
struct drm_causeway_queue_create {
	__u32 vm_id;
	__u32 priority;
	__u32 timeout_ms;
	__u32 flags;
	__u32 queue_id;
	__u32 pad;
	__u64 fence_offset;
};

/**
 * struct drm_causeway_fence_page - what a queue tells by memory
 * @completed: jobs up to this sequence number are over, well or not
 * @failed: sequence number of the last that ended in an error; 0: none
 */
struct drm_causeway_fence_page {
	__u64 completed;
	__u64 failed;
};

/**
 * struct drm_causeway_queue_destroy - DRM_IOCTL_CAUSEWAY_QUEUE_DESTROY
 *
 * Jobs that did not start are cancelled, those that run are stopped; returns
 * when none is left.
 *
 * @queue_id: the queue
 * @pad: 0
 */
struct drm_causeway_queue_destroy {
	__u32 queue_id;
	__u32 pad;
};

/**
 * struct drm_causeway_job - one job
 * @address: of the job's descriptor, in the engine window; the driver doesn't
 *	look at it, the engine does
 * @command_id: the client's own number; it comes back in events and traces
 * @width: how many engine threads may work on it at once, 1 and more
 * @pad: 0
 */
struct drm_causeway_job {
	__u64 address;
	__u64 command_id;
	__u32 width;
	__u32 pad;
};

/**
 * struct drm_causeway_submit - DRM_IOCTL_CAUSEWAY_SUBMIT
 *
 * All jobs are taken, or none.  They run after those submitted before to the
 * same queue and after the fences that the syncobjs hold now.
 *
 * @queue_id: the queue
 * @job_count: 1 to max_jobs
 * @jobs: address of @job_count struct drm_causeway_job
 * @syncobjs: address of @syncobj_count __u32 handles of syncobjs
 * @syncobj_count: 0 to 1024
 * @flags: 0
 * @seqno: out: sequence number of the last of the jobs; the first of a queue has 1
 *
 * Errors: ENOENT (queue or syncobj), EINVAL (a syncobj without a fence),
 * EAGAIN (max_pending reached), ENOTCONN (no engine is attached),
 * EIO (the engine is gone).
 */
struct drm_causeway_submit {
	__u32 queue_id;
	__u32 job_count;
	__u64 jobs;
	__u64 syncobjs;
	__u32 syncobj_count;
	__u32 flags;
	__u64 seqno;
};

/**
 * enum drm_causeway_job_status - how a job ended
 * @DRM_CAUSEWAY_JOB_DONE: well
 * @DRM_CAUSEWAY_JOB_FAULT: it touched what it may not; see the event
 * @DRM_CAUSEWAY_JOB_EXCEPTION: it did what no processor does (division by zero, bad instruction)
 * @DRM_CAUSEWAY_JOB_RESET: stopped: timeout, or its queue was destroyed
 * @DRM_CAUSEWAY_JOB_LOST: the engine died
 */
enum drm_causeway_job_status {
	DRM_CAUSEWAY_JOB_DONE = 0,
	DRM_CAUSEWAY_JOB_FAULT = 1,
	DRM_CAUSEWAY_JOB_EXCEPTION = 2,
	DRM_CAUSEWAY_JOB_RESET = 3,
	DRM_CAUSEWAY_JOB_LOST = 4,
};

/**
 * struct drm_causeway_wait - DRM_IOCTL_CAUSEWAY_WAIT
 * @queue_id: the queue
 * @status: out: enum drm_causeway_job_status of job @seqno (known for the last
 *	max_pending jobs)
 * @seqno: return when completed >= seqno
 * @deadline_ns: CLOCK_MONOTONIC; 0: only look; negative: no limit
 *
 * Errors: ETIME (not reached by then), EINVAL (a number not given out yet).
 */
struct drm_causeway_wait {
	__u32 queue_id;
	__u32 status;
	__u64 seqno;
	__s64 deadline_ns;
};

/* ---- events ---------------------------------------------------------- */

/**
 * struct drm_causeway_event_open - DRM_IOCTL_CAUSEWAY_EVENT_OPEN
 *
 * The file is read in whole struct drm_causeway_event records (EINVAL for less
 * room), is pollable, honours O_NONBLOCK, and ends (read returns 0) with its VM.
 *
 * @vm_id: the VM
 * @mask: 1 << enum drm_causeway_event_type of what is wanted
 * @fd: out: close-on-exec
 * @pad: 0
 *
 * Errors: ENOSPC (too many event files of this VM).
 */
struct drm_causeway_event_open {
	__u32 vm_id;
	__u32 mask;
	__s32 fd;
	__u32 pad;
};

/**
 * enum drm_causeway_event_type - what happened
 * @DRM_CAUSEWAY_EVENT_FAULT: a device fault was served (@address, @length made present)
 * @DRM_CAUSEWAY_EVENT_FAULT_FAILED: it was not: the job fails; @reason says why
 * @DRM_CAUSEWAY_EVENT_EXCEPTION: the job raised a signal: @reason is its number,
 *	@address where
 * @DRM_CAUSEWAY_EVENT_MIGRATE_IN: @pages of the range moved to the device
 * @DRM_CAUSEWAY_EVENT_MIGRATE_OUT: home
 * @DRM_CAUSEWAY_EVENT_EVICT: home, because memory was short
 * @DRM_CAUSEWAY_EVENT_RESET: a queue was reset
 * @DRM_CAUSEWAY_EVENT_ENGINE_LOST: the engine died; all its jobs are lost
 * @DRM_CAUSEWAY_EVENT_INVALIDATE: the process changed its mappings, @pages were mapped
 * @DRM_CAUSEWAY_EVENT_LOST: @pages records were dropped here
 */
enum drm_causeway_event_type {
	DRM_CAUSEWAY_EVENT_FAULT = 0,
	DRM_CAUSEWAY_EVENT_FAULT_FAILED = 1,
	DRM_CAUSEWAY_EVENT_EXCEPTION = 2,
	DRM_CAUSEWAY_EVENT_MIGRATE_IN = 3,
	DRM_CAUSEWAY_EVENT_MIGRATE_OUT = 4,
	DRM_CAUSEWAY_EVENT_EVICT = 5,
	DRM_CAUSEWAY_EVENT_RESET = 6,
	DRM_CAUSEWAY_EVENT_ENGINE_LOST = 7,
	DRM_CAUSEWAY_EVENT_INVALIDATE = 8,
	DRM_CAUSEWAY_EVENT_LOST = 9,
};

#define DRM_CAUSEWAY_EVENT_COUNT 10

/* drm_causeway_event.access */
#define DRM_CAUSEWAY_EVENT_READ	 (1u << 0)
#define DRM_CAUSEWAY_EVENT_WRITE (1u << 1)

/**
 * struct drm_causeway_event - one record, 64 bytes
 * @type: enum drm_causeway_event_type
 * @reason: enum drm_causeway_reason, or a signal's number
 * @access: DRM_CAUSEWAY_EVENT_READ or _WRITE, for faults
 * @queue_id: 0: of no queue
 * @time_ns: CLOCK_MONOTONIC when it began
 * @duration_ns: how long it took
 * @command_id: of the job that caused it; 0: none
 * @address: the faulting address to the byte, or the first of the range
 * @length: bytes of the range
 * @pages: see the type
 */
struct drm_causeway_event {
	__u32 type;
	__u32 reason;
	__u32 access;
	__u32 queue_id;
	__u64 time_ns;
	__u64 duration_ns;
	__u64 command_id;
	__u64 address;
	__u64 length;
	__u64 pages;
};

#endif
