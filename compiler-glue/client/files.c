/* SPDX-License-Identifier: MIT */
#include "client/files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "abi.h"
#include "client/process.h"

static void add_file(struct cwc_hash *hash, const char *path)
{
	struct stat info;

	if (stat(path, &info))
		memset(&info, 0, sizeof(info));
	cwc_hash_add_string(hash, path);
	cwc_hash_add_u64(hash, info.st_dev);
	cwc_hash_add_u64(hash, info.st_ino);
	cwc_hash_add_u64(hash, info.st_size);
	cwc_hash_add_u64(hash, info.st_mtim.tv_sec);
	cwc_hash_add_u64(hash, info.st_mtim.tv_nsec);
}

uint64_t cwc_files_state(const char *files)
{
	unsigned char digest[CWC_HASH_BYTES];
	struct cwc_hash hash;
	uint64_t state;

	cwc_hash_begin(&hash);
	while (*files) {
		const char *end = strchr(files, '\n');
		char path[PATH_MAX];

		if (!end)
			break;
		snprintf(path, sizeof(path), "%.*s", (int)(end - files), files);
		add_file(&hash, path);
		files = end + 1;
	}
	cwc_hash_end(&hash, digest);
	memcpy(&state, digest, sizeof(state));
	return state;
}

/* The builtin library's files, beside the worker. */
static const char *const library_files[] = {
	"builtins.bc", "builtins.sse4.bc", "builtins.avx2.bc", "builtins.avx512.bc", "support.bc",
};

static const char *const llvm_files[] = {
	CAUSEWAY_LLVM_LIBDIR "/libLLVM.so.22.1",
	CAUSEWAY_LLVM_LIBDIR "/libclang-cpp.so.22.1",
};

void cwc_compiler_identity(const char *chosen, unsigned char identity_out[CWC_HASH_BYTES])
{
	char path[PATH_MAX], file[PATH_MAX + 64];
	struct cwc_hash hash;
	char *slash;

	cwc_hash_begin(&hash);
	cwc_hash_add_u64(&hash, CWC_ABI_VERSION);
	cwc_process_find(chosen, CWC_WORKER_PROGRAM, path, sizeof(path));
	add_file(&hash, path);
	slash = strrchr(path, '/');
	if (slash)
		*slash = 0;
	for (size_t i = 0; i < sizeof(library_files) / sizeof(*library_files); i++) {
		snprintf(file, sizeof(file), "%s/%s", path, library_files[i]);
		add_file(&hash, file);
	}
	for (size_t i = 0; i < sizeof(llvm_files) / sizeof(*llvm_files); i++)
		add_file(&hash, llvm_files[i]);
	cwc_hash_end(&hash, identity_out);
}
