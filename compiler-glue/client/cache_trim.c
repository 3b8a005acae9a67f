/* SPDX-License-Identifier: MIT */
#include "client/cache_trim.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUM_FILE "sum"

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
		    !strcmp(found->d_name, SUM_FILE) ||
		    fstatat(fd, found->d_name, &info, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(info.st_mode))
			continue;
		if (add(listing, found->d_name, &info))
			return;
	}
}

/*
 * Look at every file; if they take more than @limit_bytes, remove those unused
 * for longest until three quarters of it are left.  The sum of what is left.
 */
static uint64_t trim(int fd, uint64_t limit_bytes)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = again >= 0 ? fdopendir(again) : NULL;
	struct listing listing = {0};

	if (!directory) {
		if (again >= 0)
			close(again);
		return 0;
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
	return listing.total;
}

/* struct sum - the file that keeps the sum; @check is its complement. */
struct sum {
	uint64_t bytes;
	uint64_t check;
};

static void add_to_sum(int directory, int file, uint64_t limit_bytes, uint64_t bytes)
{
	struct sum sum;
	bool known = pread(file, &sum, sizeof(sum), 0) == sizeof(sum) && sum.check == ~sum.bytes;

	if (!known || sum.bytes + bytes > limit_bytes)
		sum.bytes = trim(directory, limit_bytes);
	else
		sum.bytes += bytes;
	sum.check = ~sum.bytes;
	if (pwrite(file, &sum, sizeof(sum), 0) != sizeof(sum))
		unlinkat(directory, SUM_FILE, 0);
}

void cwc_cache_account(int fd, uint64_t limit_bytes, uint64_t bytes)
{
	int file = openat(fd, SUM_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (file < 0)
		return;
	/* Whoever is counting may miss these bytes; the next look at the files finds them. */
	if (!flock(file, LOCK_EX | LOCK_NB))
		add_to_sum(fd, file, limit_bytes, bytes);
	close(file);
}
