/* SPDX-License-Identifier: MIT */
/* libcauseway.so exports the ICD entry points and nothing else; it needs no LLVM. */
#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "../../runtime/test/test.h"

static const char *const wanted[] = {
	"clGetExtensionFunctionAddress",	 "clGetPlatformInfo",
	"clIcdGetFunctionAddressForPlatformKHR", "clIcdGetPlatformIDsKHR",
	"clIcdSetPlatformDispatchDataKHR",
};

#define NUM_WANTED (sizeof(wanted) / sizeof(wanted[0]))

static const char *map_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat info;
	void *map;

	REQUIRE(fd >= 0 && !fstat(fd, &info));
	map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	REQUIRE(map != MAP_FAILED);
	return map;
}

static const Elf64_Shdr *find_section(const char *file, Elf64_Word type)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(file + header->e_shoff);

	for (unsigned i = 0; i < header->e_shnum; i++) {
		if (sections[i].sh_type == type)
			return &sections[i];
	}
	return NULL;
}

static const char *strings_of(const char *file, const Elf64_Shdr *section)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(file + header->e_shoff);

	return file + sections[section->sh_link].sh_offset;
}

static void check_name(const char *name, unsigned found[NUM_WANTED])
{
	for (unsigned i = 0; i < NUM_WANTED; i++) {
		if (!strcmp(name, wanted[i])) {
			found[i]++;
			return;
		}
	}
	fprintf(stderr, "%s should not be exported\n", name);
	test_failures++;
}

static void test_symbols(const char *file)
{
	const Elf64_Shdr *section = find_section(file, SHT_DYNSYM);
	const Elf64_Sym *symbols = (const Elf64_Sym *)(file + section->sh_offset);
	const char *names = strings_of(file, section);
	unsigned found[NUM_WANTED] = {0};

	for (size_t i = 1; i < section->sh_size / sizeof(*symbols); i++) {
		if (symbols[i].st_shndx != SHN_UNDEF)
			check_name(names + symbols[i].st_name, found);
	}
	for (unsigned i = 0; i < NUM_WANTED; i++)
		CHECK_EQ(found[i], 1);
}

/* What runs at load or exit would stand in one of these. */
static void test_nothing_at_load(const char *file)
{
	const Elf64_Shdr *section = find_section(file, SHT_INIT_ARRAY);

	/* crtbegin.o's frame_dummy, and libgcc's detection of the processor. */
	CHECK(!section || section->sh_size <= 2 * sizeof(Elf64_Addr));
	section = find_section(file, SHT_FINI_ARRAY);
	CHECK(!section || section->sh_size <= sizeof(Elf64_Addr));
}

static void test_needed(const char *file)
{
	const Elf64_Shdr *section = find_section(file, SHT_DYNAMIC);
	const Elf64_Dyn *entry = (const Elf64_Dyn *)(file + section->sh_offset);
	const char *names = strings_of(file, section);

	for (; entry->d_tag != DT_NULL; entry++) {
		if (entry->d_tag != DT_NEEDED)
			continue;
		CHECK(!strstr(names + entry->d_un.d_val, "LLVM"));
		CHECK(!strstr(names + entry->d_un.d_val, "clang"));
		CHECK(!strstr(names + entry->d_un.d_val, "stdc++"));
	}
}

int main(int argc, char **argv)
{
	const char *file;

	REQUIRE(argc == 2);
	file = map_file(argv[1]);
	test_symbols(file);
	test_needed(file);
	if (!getenv("CAUSEWAY_TEST_SANITIZED"))
		test_nothing_at_load(file);
	return test_result();
}
