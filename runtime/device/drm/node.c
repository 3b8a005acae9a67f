/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "device/drm/drm.h"

#define DRIVER_NAME "causeway"

int cw_drm_ioctl(int fd, unsigned long request, void *argument)
{
	int result;

	do {
		result = ioctl(fd, request, argument);
	} while (result && (errno == EINTR || errno == EAGAIN));
	return result ? -errno : 0;
}

/* By sysfs alone: opening other drivers' nodes would wake their devices. */
static bool is_ours(const char *name)
{
	char path[PATH_MAX];
	char target[PATH_MAX];
	const char *driver;
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/class/drm/%s/device/driver", name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return false;
	target[length] = '\0';
	driver = strrchr(target, '/');
	return driver && !strcmp(driver + 1, DRIVER_NAME);
}

static int query(struct cw_drm_node *node)
{
	struct drm_causeway_device_query request = {
		.data = (uintptr_t)&node->info,
		.size = sizeof(node->info),
	};
	int fd = open(node->path, O_RDWR | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = cw_drm_ioctl(fd, DRM_IOCTL_CAUSEWAY_DEVICE_QUERY, &request);
	close(fd);
	return error;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_render_node(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "renderD", 7) && strlen(entry->d_name) < 16;
}

unsigned cw_drm_nodes(struct cw_drm_node *nodes_out, unsigned limit)
{
	struct dirent **entries;
	int count = scandir("/sys/class/drm", &entries, is_render_node, by_name);
	unsigned found = 0;

	for (int i = 0; i < count; i++) {
		struct cw_drm_node *node = &nodes_out[found];
		int error;

		if (found < limit && is_ours(entries[i]->d_name)) {
			memset(node, 0, sizeof(*node));
			snprintf(node->path, sizeof(node->path), "/dev/dri/%.15s",
				 entries[i]->d_name);
			error = query(node);
			if (error)
				cw_log(WARN, "%s can't be used: %s", node->path, strerror(-error));
			else
				found++;
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return found;
}
