/* SPDX-License-Identifier: MIT */
#include "client/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client/cache_trim.h"
#include "client/transfer.h"

#define CACHE_MAGIC	0x4843435743u /* "CWCCH" */
#define CACHE_VERSION	1u
#define MAX_ENTRY_BYTES (256u << 20)
/* A file's time of use is written only when it is older than this, seconds. */
#define TOUCH_AFTER	86400

/* struct entry - head of a cache file; @bytes of content follow. */
struct entry {
	uint64_t magic;
	uint64_t version;
	uint64_t bytes;
	unsigned char key[CWC_HASH_BYTES];
	unsigned char content[CWC_HASH_BYTES]; /* hash of the content */
};

/*
 * struct cwc_cache - see the header.
 * @directory: descriptor of the directory.
 * @serial: numbers the files on their way.
 */
struct cwc_cache {
	int directory;
	uint64_t limit_bytes;
	atomic_uint serial;
};

static void default_directory(char *path, size_t room)
{
	const char *base = secure_getenv("XDG_CACHE_HOME");
	const char *home = secure_getenv("HOME");

	path[0] = 0;
	if (base && *base == '/')
		snprintf(path, room, "%s/causeway", base);
	else if (home && *home == '/')
		snprintf(path, room, "%s/.cache/causeway", home);
}

static void make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0700);
		*slash = '/';
	}
	mkdir(path, 0700);
}

/* A directory that only we write to. */
static int open_directory(char *path)
{
	struct stat info;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		make_directories(path);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return -1;
	if (fstat(fd, &info) || info.st_uid != geteuid() || info.st_mode & (S_IWGRP | S_IWOTH)) {
		close(fd);
		return -1;
	}
	return fd;
}

struct cwc_cache *cwc_cache_open(const char *directory, uint64_t limit_bytes)
{
	struct cwc_cache *cache;
	char path[PATH_MAX];

	if (!limit_bytes)
		return NULL;
	if (directory && *directory)
		snprintf(path, sizeof(path), "%s", directory);
	else
		default_directory(path, sizeof(path));
	if (!*path)
		return NULL;
	cache = calloc(1, sizeof(*cache));
	if (!cache)
		return NULL;
	cache->limit_bytes = limit_bytes;
	cache->directory = open_directory(path);
	if (cache->directory < 0) {
		free(cache);
		return NULL;
	}
	return cache;
}

void cwc_cache_close(struct cwc_cache *cache)
{
	if (!cache)
		return;
	close(cache->directory);
	free(cache);
}

static void name_of(const unsigned char key[CWC_HASH_BYTES], char name[2 * CWC_HASH_BYTES + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < CWC_HASH_BYTES; i++) {
		name[2 * i] = digits[key[i] >> 4];
		name[2 * i + 1] = digits[key[i] & 15];
	}
	name[(size_t)2 * CWC_HASH_BYTES] = 0;
}

/* The content of an open cache file if it is whole and belongs to @key. */
static void *read_entry(int fd, const unsigned char key[CWC_HASH_BYTES], const struct stat *info,
			size_t *bytes_out)
{
	unsigned char found[CWC_HASH_BYTES];
	struct entry entry;
	void *data;

	if (cwc_read_all(fd, &entry, sizeof(entry)) || entry.magic != CACHE_MAGIC ||
	    entry.version != CACHE_VERSION || memcmp(entry.key, key, CWC_HASH_BYTES) != 0 ||
	    entry.bytes > MAX_ENTRY_BYTES || (uint64_t)info->st_size != sizeof(entry) + entry.bytes)
		return NULL;
	data = malloc(entry.bytes + 1);
	if (!data)
		return NULL;
	if (!cwc_read_all(fd, data, entry.bytes)) {
		cwc_hash_of(data, entry.bytes, found);
		if (!memcmp(found, entry.content, CWC_HASH_BYTES)) {
			*bytes_out = entry.bytes;
			return data;
		}
	}
	free(data);
	return NULL;
}

void *cwc_cache_load(struct cwc_cache *cache, const unsigned char key[CWC_HASH_BYTES],
		     size_t *bytes_out)
{
	char name[2 * CWC_HASH_BYTES + 1];
	struct timespec now;
	struct stat info;
	void *data = NULL;
	int fd;

	if (!cache)
		return NULL;
	name_of(key, name);
	fd = openat(cache->directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &info) && S_ISREG(info.st_mode) && info.st_uid == geteuid())
		data = read_entry(fd, key, &info, bytes_out);
	clock_gettime(CLOCK_REALTIME, &now);
	if (!data)
		unlinkat(cache->directory, name, 0);
	else if (now.tv_sec - info.st_mtime > TOUCH_AFTER)
		futimens(fd, NULL);
	close(fd);
	return data;
}

/* Write the file under a name of its own, then give it its right name. */
static bool write_entry(struct cwc_cache *cache, const char *name, const struct entry *entry,
			const void *data)
{
	char aside[64];
	bool ok;
	int fd;

	snprintf(aside, sizeof(aside), "new.%ld.%u", (long)getpid(),
		 atomic_fetch_add(&cache->serial, 1));
	fd = openat(cache->directory, aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0) {
		/* Left behind by a process that had our number. */
		if (errno == EEXIST)
			unlinkat(cache->directory, aside, 0);
		return false;
	}
	ok = !cwc_write_all(fd, entry, sizeof(*entry)) && !cwc_write_all(fd, data, entry->bytes);
	close(fd);
	ok = ok && !renameat(cache->directory, aside, cache->directory, name);
	if (!ok)
		unlinkat(cache->directory, aside, 0);
	return ok;
}

void cwc_cache_store(struct cwc_cache *cache, const unsigned char key[CWC_HASH_BYTES],
		     const void *data, size_t bytes)
{
	struct entry entry = {CACHE_MAGIC, CACHE_VERSION, bytes, {0}, {0}};
	char name[2 * CWC_HASH_BYTES + 1];

	if (!cache || bytes > MAX_ENTRY_BYTES || bytes > cache->limit_bytes / 4)
		return;
	name_of(key, name);
	memcpy(entry.key, key, CWC_HASH_BYTES);
	cwc_hash_of(data, bytes, entry.content);
	if (!write_entry(cache, name, &entry, data))
		return;
	cwc_cache_account(cache->directory, cache->limit_bytes, sizeof(entry) + bytes);
}
