/* SPDX-License-Identifier: MIT */
/* The driver's module: in with the parameters that a test wants, out without a trace. */
#include "guest.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define UNLOAD_MS 10000 /* engines are processes: they leave in their own time */

static struct {
	bool loaded;
	const char *parameters;
	char reason[256];
} driver;

int module_load(const char *path, const char *parameters)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, parameters, 0))
		error = -errno;
	close(fd);
	return error;
}

/* "causeway" of "/modules/causeway.ko" */
static const char *driver_name(void)
{
	static char name[64];
	const char *slash = strrchr(job.driver, '/');

	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : job.driver);
	name[strcspn(name, ".")] = 0;
	return name;
}

/* There is no udev: who may use a render node may do so here. */
static void open_nodes(void)
{
	DIR *folder = opendir("/dev/dri");
	struct dirent *entry;
	char path[300];

	if (!folder)
		return;
	while ((entry = readdir(folder))) {
		if (strncmp(entry->d_name, "renderD", 7) != 0)
			continue;
		snprintf(path, sizeof(path), "/dev/dri/%s", entry->d_name);
		if (chmod(path, 0666))
			log_line("%s: %m", path);
	}
	closedir(folder);
}

const char *driver_load(const char *parameters)
{
	int error;

	if (!job.driver || !strcmp(parameters, "-"))
		return NULL;
	if (driver.loaded && !strcmp(driver.parameters, parameters)) {
		/* A test may have taken the device from the driver and given it back. */
		open_nodes();
		return NULL;
	}
	driver_unload();
	if (!strcmp(parameters, "off"))
		return NULL;
	log_line("insmod %s %s", driver_name(), parameters);
	error = module_load(job.driver, parameters);
	if (error) {
		snprintf(driver.reason, sizeof(driver.reason), "insmod %s %s: %s", driver_name(),
			 parameters, strerror(-error));
		return driver.reason;
	}
	driver.loaded = true;
	driver.parameters = parameters;
	open_nodes();
	return NULL;
}

static void say_users(void)
{
	char path[128], text[64];

	snprintf(path, sizeof(path), "/sys/module/%s/refcnt", driver_name());
	if (file_read(path, text, sizeof(text)) > 0)
		say("|references to the module: %s", text);
	snprintf(path, sizeof(path), "/sys/module/%s/initstate", driver_name());
	if (file_read(path, text, sizeof(text)) > 0)
		say("|its state: %s", text);
}

/* What a module that is gone may not leave behind; NULL: nothing. */
static const char *left_behind(void)
{
	static char path[128];
	struct stat info;

	snprintf(path, sizeof(path), "/sys/module/%s", driver_name());
	if (!stat(path, &info))
		return path;
	snprintf(path, sizeof(path), "/sys/kernel/debug/%s", driver_name());
	if (!stat(path, &info))
		return path;
	if (!stat("/dev/dri/renderD128", &info))
		return "/dev/dri/renderD128";
	return NULL;
}

void driver_unload(void)
{
	uint64_t limit_ms = now_ms() + UNLOAD_MS;
	const char *left;
	int error;

	if (!driver.loaded)
		return;
	log_line("rmmod %s", driver_name());
	do {
		error = syscall(SYS_delete_module, driver_name(), O_NONBLOCK) ? errno : 0;
		if (error)
			sleep_ms(50);
	} while ((error == EBUSY || error == EAGAIN) && now_ms() < limit_ms);
	left = error ? NULL : left_behind();
	if (error) {
		say("@check unload\tfail\trmmod %s: %s", driver_name(), strerror(error));
		say_users();
	} else if (left) {
		say("@check unload\tfail\trmmod %s left %s behind", driver_name(), left);
		driver.loaded = false;
	} else {
		say("@check unload\tok\t%s", driver.parameters);
		driver.loaded = false;
	}
}
