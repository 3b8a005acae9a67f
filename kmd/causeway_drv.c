// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: parameters, the DRM driver, what a client has open.
 */
#include <drm/drm_ioctl.h>
#include <drm/drm_syncobj.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "causeway_attr.h"
#include "causeway_compat.h"
#include "causeway_debugfs.h"
#include "causeway_device.h"
#include "causeway_drv.h"
#include "causeway_engine.h"
#include "causeway_event.h"
#include "causeway_fence.h"
#include "causeway_memory.h"
#include "causeway_migrate.h"
#include "causeway_query.h"
#include "causeway_queue.h"
#include "causeway_vm.h"

static char *memory = IS_ENABLED(CONFIG_DEVICE_PRIVATE) ? "private" : "none";
module_param(memory, charp, 0444);
MODULE_PARM_DESC(memory, "form of the devices' own memory: private, coherent, node or none");

static char *memory_size = "256M";
module_param(memory_size, charp, 0444);
MODULE_PARM_DESC(memory_size, "bytes of memory of each device, with a suffix K, M or G");

static char *memory_start = "0";
module_param(memory_start, charp, 0444);
MODULE_PARM_DESC(memory_start, "physical address of the first device's memory (coherent, node)");

static unsigned int instances = 1;
module_param(instances, uint, 0444);
MODULE_PARM_DESC(instances, "how many devices, 1 to 4");

struct causeway_params causeway_params;

static const char *const memory_names[] = {
	[DRM_CAUSEWAY_MEMORY_NONE] = "none",
	[DRM_CAUSEWAY_MEMORY_PRIVATE] = "private",
	[DRM_CAUSEWAY_MEMORY_COHERENT] = "coherent",
	[DRM_CAUSEWAY_MEMORY_NODE] = "node",
};

static int parse_bytes(const char *name, const char *text, u64 *bytes_out)
{
	char *rest;

	*bytes_out = memparse(text, &rest);
	if (rest == text || *rest || *bytes_out % SZ_2M) {
		pr_err("causeway: %s=%s is not a multiple of 2M\n", name, text);
		return -EINVAL;
	}
	return 0;
}

static int parse_memory(void)
{
	struct causeway_params *params = &causeway_params;
	int form = match_string(memory_names, ARRAY_SIZE(memory_names), memory);
	int ret;

	if (form < 0) {
		pr_err("causeway: memory=%s is none of private, coherent, node, none\n", memory);
		return -EINVAL;
	}
	params->memory = form;
	if (form == DRM_CAUSEWAY_MEMORY_NONE)
		return 0;
	ret = parse_bytes("memory_size", memory_size, &params->memory_bytes);
	if (ret)
		return ret;
	ret = parse_bytes("memory_start", memory_start, &params->memory_start);
	if (ret)
		return ret;
	if (!params->memory_bytes ||
	    (form != DRM_CAUSEWAY_MEMORY_PRIVATE && !params->memory_start)) {
		pr_err("causeway: memory=%s needs memory_size%s\n", memory,
		       form == DRM_CAUSEWAY_MEMORY_PRIVATE ? "" : " and memory_start");
		return -EINVAL;
	}
	return 0;
}

static int parse_params(void)
{
	if (!instances || instances > CAUSEWAY_MAX_INSTANCES) {
		pr_err("causeway: instances=%u is not 1 to %u\n", instances,
		       CAUSEWAY_MAX_INSTANCES);
		return -EINVAL;
	}
	causeway_params.instances = instances;
	return parse_memory();
}

static int file_open(struct drm_device *drm, struct drm_file *drm_file)
{
	struct causeway_file *file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	static atomic64_t last_id;

	if (!file)
		return -ENOMEM;
	file->id = atomic64_inc_return(&last_id);
	file->device = causeway_device_from_drm(drm);
	xa_init_flags(&file->vms, XA_FLAGS_ALLOC1);
	xa_init_flags(&file->queues, XA_FLAGS_ALLOC1);
	drm_file->driver_priv = file;
	return 0;
}

static void file_close(struct drm_device *drm, struct drm_file *drm_file)
{
	struct causeway_file *file = causeway_file_from_drm(drm_file);

	causeway_queue_close_all(file);
	causeway_vm_close_all(file);
	xa_destroy(&file->queues);
	xa_destroy(&file->vms);
	kfree(file);
}

static const struct drm_ioctl_desc causeway_ioctls[] = {
	DRM_IOCTL_DEF_DRV(CAUSEWAY_DEVICE_QUERY, causeway_device_query_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(CAUSEWAY_VM_CREATE, causeway_vm_create_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(CAUSEWAY_VM_DESTROY, causeway_vm_destroy_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(CAUSEWAY_ADVISE, causeway_advise_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(CAUSEWAY_MIGRATE, causeway_migrate_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(CAUSEWAY_QUERY, causeway_query_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(CAUSEWAY_QUEUE_CREATE, causeway_queue_create_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(CAUSEWAY_QUEUE_DESTROY, causeway_queue_destroy_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(CAUSEWAY_SUBMIT, causeway_submit_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(CAUSEWAY_WAIT, causeway_wait_ioctl, DRM_RENDER_ALLOW),
	DRM_IOCTL_DEF_DRV(CAUSEWAY_EVENT_OPEN, causeway_event_open_ioctl, DRM_RENDER_ALLOW),
};

static const struct file_operations causeway_fops = {
	.owner = THIS_MODULE,
	.open = drm_open,
	.release = drm_release,
	.unlocked_ioctl = drm_ioctl,
	.compat_ioctl = drm_compat_ioctl,
	.poll = drm_poll,
	.read = drm_read,
	.mmap = causeway_fence_mmap,
	.llseek = noop_llseek,
#ifdef CONFIG_PROC_FS
	.show_fdinfo = causeway_fdinfo_show,
#endif
	CAUSEWAY_COMPAT_FOP_FLAGS
};

const struct drm_driver causeway_drm_driver = {
	.driver_features = DRIVER_RENDER | DRIVER_SYNCOBJ,
	.open = file_open,
	.postclose = file_close,
	.ioctls = causeway_ioctls,
	.num_ioctls = ARRAY_SIZE(causeway_ioctls),
	.fops = &causeway_fops,
#ifdef CONFIG_DEBUG_FS
	.debugfs_init = causeway_debugfs_init,
#endif
	.name = "causeway",
	.desc = "Accelerator that shares the address space",
	.date = "20261121",
	.major = 1,
	.minor = 0,
};

static int __init causeway_init(void)
{
	int ret = parse_params();

	if (ret)
		return ret;
	ret = causeway_attr_module_init();
	if (ret)
		return ret;
	ret = causeway_memory_module_init();
	if (ret)
		goto err_attr;
	ret = causeway_engine_module_init();
	if (ret)
		goto err_memory;
	ret = causeway_device_init();
	if (ret)
		goto err_engine;
	return 0;

err_engine:
	causeway_engine_module_exit();
err_memory:
	causeway_memory_module_exit();
err_attr:
	causeway_attr_module_exit();
	return ret;
}

static void __exit causeway_exit(void)
{
	causeway_device_fini();
	causeway_engine_module_exit();
	causeway_memory_module_exit();
	causeway_attr_module_exit();
}

module_init(causeway_init);
module_exit(causeway_exit);

MODULE_DESCRIPTION("Causeway, an accelerator that shares the address space");
MODULE_LICENSE("GPL");
