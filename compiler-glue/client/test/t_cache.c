/* SPDX-License-Identifier: MIT */
/* The disk cache by itself: what comes back, what is refused, how it stays small. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "client/cache.h"
#include "helper.h"

#define ENTRY ((size_t)100000)

static char directory[] = "/tmp/causeway-test-XXXXXX";

static void key_of(unsigned number, unsigned char key[CWC_HASH_BYTES])
{
	cwc_hash_of(&number, sizeof(number), key);
}

/* @bytes bytes that tell which entry they are of. */
static void store(struct cwc_cache *cache, unsigned number, size_t bytes)
{
	unsigned char key[CWC_HASH_BYTES];
	unsigned *data = calloc(1, bytes);

	data[0] = number;
	key_of(number, key);
	cwc_cache_store(cache, key, data, bytes);
	free(data);
}

static bool has(struct cwc_cache *cache, unsigned number, size_t bytes)
{
	unsigned char key[CWC_HASH_BYTES];
	size_t found = 0;
	unsigned *data;
	bool good;

	key_of(number, key);
	data = cwc_cache_load(cache, key, &found);
	good = data && found == bytes && data[0] == number;
	EXPECT(!data || good);
	free(data);
	return good;
}

/* The bytes of all files; each is handed to @change unless that is NULL. */
static size_t for_each_file(void (*change)(const char *path))
{
	DIR *listing = opendir(directory);
	struct dirent *found;
	size_t total = 0;

	while (listing && (found = readdir(listing))) {
		char path[PATH_MAX];
		struct stat info;

		snprintf(path, sizeof(path), "%s/%s", directory, found->d_name);
		if (stat(path, &info) || !S_ISREG(info.st_mode))
			continue;
		total += info.st_size;
		if (change)
			change(path);
	}
	if (listing)
		closedir(listing);
	return total;
}

static void cut(const char *path)
{
	EXPECT(!truncate(path, 50));
}

static void flip(const char *path)
{
	int fd = open(path, O_WRONLY);

	EXPECT(fd >= 0 && pwrite(fd, "?", 1, 60) == 1);
	close(fd);
}

static void check_damage(struct cwc_cache *cache)
{
	store(cache, 1, ENTRY);
	EXPECT(has(cache, 1, ENTRY));
	EXPECT(!has(cache, 2, ENTRY));
	for_each_file(flip);
	EXPECT(!has(cache, 1, ENTRY));
	EXPECT(for_each_file(NULL) < 100);
	store(cache, 1, ENTRY);
	for_each_file(cut);
	EXPECT(!has(cache, 1, ENTRY));
	store(cache, 1, ENTRY);
	EXPECT(has(cache, 1, ENTRY));
}

static void check_limit(void)
{
	struct cwc_cache *small = cwc_cache_open(directory, 10 * ENTRY);

	for (unsigned i = 0; i < 40; i++)
		store(small, i, ENTRY);
	EXPECT(for_each_file(NULL) < 12 * ENTRY);
	EXPECT(has(small, 39, ENTRY));
	store(small, 50, 4 * ENTRY);
	EXPECT(!has(small, 50, 4 * ENTRY));
	cwc_cache_close(small);
}

static void *use_cache(void *arg)
{
	for (unsigned i = 0; i < 200; i++) {
		store(arg, i % 10, 5000);
		has(arg, (i + 3) % 10, 5000);
	}
	return NULL;
}

static void check_threads(struct cwc_cache *cache)
{
	pthread_t threads[4];

	for (unsigned i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, use_cache, cache);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < 10; i++)
		EXPECT(has(cache, i, 5000));
}

static void remove_file(const char *path)
{
	unlink(path);
}

int main(void)
{
	unsigned char key[CWC_HASH_BYTES];
	struct cwc_cache *cache;
	size_t bytes;

	if (!mkdtemp(directory))
		return SKIP;
	cache = cwc_cache_open(directory, 64 << 20);
	EXPECT(cache);
	check_damage(cache);
	check_limit();
	for_each_file(remove_file);
	check_threads(cache);
	cwc_cache_close(cache);
	/* Not where others may write, not where nothing can be. */
	EXPECT(!chmod(directory, 0777));
	EXPECT(!cwc_cache_open(directory, 1 << 20));
	EXPECT(!cwc_cache_open("/dev/null/x", 1 << 20));
	EXPECT(!cwc_cache_open(directory, 0));
	key_of(1, key);
	EXPECT(!cwc_cache_load(NULL, key, &bytes));
	for_each_file(remove_file);
	rmdir(directory);
	return failures != 0;
}
