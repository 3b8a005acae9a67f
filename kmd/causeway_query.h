/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CAUSEWAY_QUERY_H
#define CAUSEWAY_QUERY_H

#include <linux/types.h>

struct causeway_device;
struct drm_device;
struct drm_file;

u32 causeway_device_caps(struct causeway_device *device);

int causeway_device_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int causeway_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
