// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of what user space shares with the driver, frozen.
 */
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <uapi/drm/causeway_engine_drm.h>

#define SIZE(type, bytes)	     static_assert(sizeof(struct type) == (bytes))
#define OFFSET(type, member, offset) static_assert(offsetof(struct type, member) == (offset))

SIZE(drm_causeway_device_info, 88);
OFFSET(drm_causeway_device_info, numa_node, 12);
OFFSET(drm_causeway_device_info, memory_bytes, 16);
OFFSET(drm_causeway_device_info, va_start, 32);
OFFSET(drm_causeway_device_info, counter_granule, 64);
OFFSET(drm_causeway_device_info, max_queues, 72);
OFFSET(drm_causeway_device_info, pad, 84);

SIZE(drm_causeway_device_query, 16);
OFFSET(drm_causeway_device_query, size, 8);

SIZE(drm_causeway_vm_create, 32);
OFFSET(drm_causeway_vm_create, window_size, 8);
OFFSET(drm_causeway_vm_create, flags, 16);
OFFSET(drm_causeway_vm_create, vm_id, 20);
OFFSET(drm_causeway_vm_create, engine_fd, 24);

SIZE(drm_causeway_vm_destroy, 8);

SIZE(drm_causeway_attr, 8);
SIZE(drm_causeway_advise, 32);
OFFSET(drm_causeway_advise, length, 8);
OFFSET(drm_causeway_advise, attrs, 16);
OFFSET(drm_causeway_advise, attr_count, 24);
OFFSET(drm_causeway_advise, vm_id, 28);

SIZE(drm_causeway_migrate, 168);
OFFSET(drm_causeway_migrate, vm_id, 16);
OFFSET(drm_causeway_migrate, location, 20);
OFFSET(drm_causeway_migrate, moved, 32);
OFFSET(drm_causeway_migrate, skipped, 40);

SIZE(drm_causeway_attr_range, 40);
OFFSET(drm_causeway_attr_range, values, 16);

SIZE(drm_causeway_query, 48);
OFFSET(drm_causeway_query, data, 16);
OFFSET(drm_causeway_query, count, 24);
OFFSET(drm_causeway_query, type, 28);
OFFSET(drm_causeway_query, cursor, 32);
OFFSET(drm_causeway_query, vm_id, 40);

SIZE(drm_causeway_queue_create, 32);
OFFSET(drm_causeway_queue_create, timeout_ms, 8);
OFFSET(drm_causeway_queue_create, queue_id, 16);
OFFSET(drm_causeway_queue_create, fence_offset, 24);

SIZE(drm_causeway_fence_page, 16);
SIZE(drm_causeway_queue_destroy, 8);

SIZE(drm_causeway_job, 24);
OFFSET(drm_causeway_job, command_id, 8);
OFFSET(drm_causeway_job, width, 16);

SIZE(drm_causeway_submit, 40);
OFFSET(drm_causeway_submit, jobs, 8);
OFFSET(drm_causeway_submit, syncobjs, 16);
OFFSET(drm_causeway_submit, syncobj_count, 24);
OFFSET(drm_causeway_submit, seqno, 32);

SIZE(drm_causeway_wait, 24);
OFFSET(drm_causeway_wait, seqno, 8);
OFFSET(drm_causeway_wait, deadline_ns, 16);

SIZE(drm_causeway_event_open, 16);
OFFSET(drm_causeway_event_open, fd, 8);

SIZE(drm_causeway_event, 64);
OFFSET(drm_causeway_event, time_ns, 16);
OFFSET(drm_causeway_event, command_id, 32);
OFFSET(drm_causeway_event, pages, 56);

SIZE(causeway_engine_attach, 24);
OFFSET(causeway_engine_attach, stop_signal, 16);

SIZE(causeway_engine_next, 40);
OFFSET(causeway_engine_next, status, 8);
OFFSET(causeway_engine_next, address, 16);
OFFSET(causeway_engine_next, command_id, 32);
