// SPDX-License-Identifier: GPL-2.0-only
/* What a person may look at: debugfs and fdinfo. */
#include <drm/drm_debugfs.h>
#include <drm/drm_file.h>
#include <linux/pid.h>
#include <linux/seq_file.h>

#include "causeway_debugfs.h"
#include "causeway_drv.h"
#include "causeway_engine.h"
#include "causeway_job.h"
#include "causeway_memory.h"
#include "causeway_queue.h"
#include "causeway_thread.h"
#include "causeway_vm.h"

static void show_queue(struct seq_file *m, struct causeway_queue *queue)
{
	struct causeway_job *job;

	seq_printf(m, "  queue %u: priority %u, timeout %u ms, completed %llu of %llu%s\n",
		   queue->id, queue->priority, queue->timeout_ms, queue->completed,
		   queue->submitted, queue->dead ? ", ends" : "");
	job = list_first_entry_or_null(&queue->jobs, struct causeway_job, queue_link);
	if (job)
		seq_printf(m,
			   "    job %llu: command %llu, state %u, %u of %u threads, %u fences%s\n",
			   job->seqno, job->command_id, job->state, job->thread_count, job->width,
			   job->pending, job->stopped ? ", stopped" : "");
}

static void show_engine(struct seq_file *m, struct causeway_engine *engine)
{
	struct causeway_queue *queue;

	spin_lock_irq(&engine->lock);
	seq_printf(m, "  engine %d%s%s: %u threads, %u wanted\n", pid_nr(engine->pid),
		   engine->killed ? ", killed" : "", engine->shutdown ? ", ends" : "",
		   engine->thread_count, (u32)engine->demand);
	list_for_each_entry(queue, &engine->queues, link)
		show_queue(m, queue);
	spin_unlock_irq(&engine->lock);
}

static const char *const counter_names[DRM_CAUSEWAY_COUNTER_COUNT] = {
	[DRM_CAUSEWAY_COUNTER_FAULTS] = "faults",
	[DRM_CAUSEWAY_COUNTER_FAULTS_FAILED] = "faults failed",
	[DRM_CAUSEWAY_COUNTER_FAULT_NS] = "fault ns",
	[DRM_CAUSEWAY_COUNTER_RETRIES] = "retries",
	[DRM_CAUSEWAY_COUNTER_MAPPED_PAGES] = "mapped pages",
	[DRM_CAUSEWAY_COUNTER_MAPPED_HUGE] = "mapped huge",
	[DRM_CAUSEWAY_COUNTER_INVALIDATIONS] = "invalidations",
	[DRM_CAUSEWAY_COUNTER_INVALIDATIONS_EMPTY] = "invalidations of nothing",
	[DRM_CAUSEWAY_COUNTER_MIGRATED_IN] = "migrated in",
	[DRM_CAUSEWAY_COUNTER_MIGRATED_OUT] = "migrated out",
	[DRM_CAUSEWAY_COUNTER_CPU_FAULTS] = "cpu faults",
	[DRM_CAUSEWAY_COUNTER_CPU_FAULT_PAGES] = "cpu fault pages",
	[DRM_CAUSEWAY_COUNTER_EVICTED] = "evicted",
	[DRM_CAUSEWAY_COUNTER_SKIPPED] = "skipped",
	[DRM_CAUSEWAY_COUNTER_THRASH_PINNED] = "pinned for thrashing",
	[DRM_CAUSEWAY_COUNTER_PROMOTED] = "promoted",
	[DRM_CAUSEWAY_COUNTER_DUPLICATED] = "duplicated",
	[DRM_CAUSEWAY_COUNTER_COLLAPSED] = "collapsed",
	[DRM_CAUSEWAY_COUNTER_EXCLUSIVE] = "exclusive",
	[DRM_CAUSEWAY_COUNTER_RESIDENT] = "resident",
	[DRM_CAUSEWAY_COUNTER_CHUNKS] = "chunks",
	[DRM_CAUSEWAY_COUNTER_ATTR_RANGES] = "advice ranges",
	[DRM_CAUSEWAY_COUNTER_JOBS] = "jobs",
	[DRM_CAUSEWAY_COUNTER_JOBS_FAILED] = "jobs failed",
	[DRM_CAUSEWAY_COUNTER_RESETS] = "resets",
	[DRM_CAUSEWAY_COUNTER_ENGINE_NS] = "engine ns",
	[DRM_CAUSEWAY_COUNTER_EVENTS_LOST] = "events lost",
};

static void show_counters(struct seq_file *m, struct causeway_vm *vm)
{
	unsigned int i;

	for (i = 0; i < DRM_CAUSEWAY_COUNTER_COUNT; i++) {
		s64 value = atomic64_read(&vm->counters[i]);

		if (value)
			seq_printf(m, "  %s: %lld\n", counter_names[i], value);
	}
}

static int vms_show(struct seq_file *m, void *unused)
{
	struct drm_info_node *node = m->private;
	struct causeway_device *device = causeway_device_from_drm(node->minor->dev);
	struct causeway_vm *vm;

	mutex_lock(&device->vms_lock);
	seq_printf(m, "instance %u, %s, %u VMs\n", device->instance,
		   READ_ONCE(device->online) ? "online" : "offline", device->vm_count);
	list_for_each_entry(vm, &device->vms, device_link) {
		seq_printf(m, "VM: window %#llx-%#llx%s\n", vm->window_start, vm->window_end,
			   READ_ONCE(vm->owner_gone) ? ", owner gone" : "");
		show_engine(m, vm->engine);
		seq_printf(m, "  pages in device memory: %llu\n", causeway_memory_resident(vm));
		show_counters(m, vm);
	}
	mutex_unlock(&device->vms_lock);
	return 0;
}

static const struct drm_info_list debugfs_files[] = {
	{"causeway_vms", vms_show, 0, NULL},
};

/**
 * causeway_debugfs_init - make the debugfs files of a node
 * @minor: the node
 */
void causeway_debugfs_init(struct drm_minor *minor)
{
	drm_debugfs_create_files(debugfs_files, ARRAY_SIZE(debugfs_files), minor->debugfs_root,
				 minor);
}

/**
 * causeway_fdinfo_show - what /proc/PID/fdinfo says of an open node
 * @m: where to
 * @file: the node
 */
void causeway_fdinfo_show(struct seq_file *m, struct file *file)
{
	struct drm_file *drm_file = file->private_data;
	struct causeway_file *client = causeway_file_from_drm(drm_file);
	struct causeway_vm *vm;
	unsigned long id;
	u64 engine_ns = atomic64_read(&client->engine_ns);
	u64 resident = 0;

	xa_lock(&client->vms);
	xa_for_each(&client->vms, id, vm)
	{
		engine_ns += atomic64_read(&vm->counters[DRM_CAUSEWAY_COUNTER_ENGINE_NS]);
		resident += causeway_memory_resident(vm);
	}
	xa_unlock(&client->vms);
	seq_printf(m, "drm-driver:\t%s\n", drm_file->minor->dev->driver->name);
	seq_printf(m, "drm-client-id:\t%llu\n", client->id);
	seq_printf(m, "drm-engine-compute:\t%llu ns\n", engine_ns);
	seq_printf(m, "drm-memory-device:\t%llu KiB\n", resident << (PAGE_SHIFT - 10));
	seq_printf(m, "drm-resident-device:\t%llu KiB\n", resident << (PAGE_SHIFT - 10));
}
