/* SPDX-License-Identifier: MIT */
#include "client/cache_trim.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* struct file - one file of the cache directory. */
struct file {
	char name[72];
	int64_t used; /* ns */
	uint64_t bytes;
};

/* struct listing - all of them; @total is the sum of their bytes. */
struct listing {
	struct file *files;
	size_t count;
	size_t room;
	uint64_t total;
};

static int by_use(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return x->used < y->used ? -1 : x->used > y->used;
}

static int add(struct listing *listing, const char *name, const struct stat *info)
{
	struct file *file;

	if (listing->count == listing->room) {
		size_t room = listing->room ? 2 * listing->room : 256;

		file = realloc(listing->files, room * sizeof(*file));
		if (!file)
			return -1;
		listing->files = file;
		listing->room = room;
	}
	file = &listing->files[listing->count++];
	memcpy(file->name, name, strlen(name) + 1);
	file->used = info->st_mtim.tv_sec * INT64_C(1000000000) + info->st_mtim.tv_nsec;
	file->bytes = info->st_size;
	listing->total += info->st_size;
	return 0;
}

static void list(struct listing *listing, DIR *directory, int fd)
{
	struct dirent *found;

	while ((found = readdir(directory))) {
		struct stat info;

		if (strlen(found->d_name) >= sizeof(listing->files->name) ||
		    fstatat(fd, found->d_name, &info, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(info.st_mode))
			continue;
		if (add(listing, found->d_name, &info))
			return;
	}
}

void cwc_cache_trim(int fd, uint64_t limit_bytes)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = again >= 0 ? fdopendir(again) : NULL;
	struct listing listing = {0};

	if (!directory) {
		if (again >= 0)
			close(again);
		return;
	}
	list(&listing, directory, fd);
	closedir(directory);
	if (listing.total > limit_bytes) {
		qsort(listing.files, listing.count, sizeof(*listing.files), by_use);
		for (size_t i = 0; i < listing.count && listing.total > limit_bytes / 4 * 3; i++) {
			if (!unlinkat(fd, listing.files[i].name, 0))
				listing.total -= listing.files[i].bytes;
		}
	}
	free(listing.files);
}
