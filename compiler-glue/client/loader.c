/* SPDX-License-Identifier: MIT */
#include "client/loader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/loader_check.h"

#define MAX_IMAGE_BYTES (UINT64_C(1) << 30)
#define PAGE_BYTES	4096u

/*
 * struct load - an object on its way into memory.
 * @at: offset of each section in the image.
 * @code_bytes: code comes first, the constants follow on a page of their own.
 * @bytes: of the image.
 * @memory: the image.
 */
struct load {
	struct cwc_elf elf;
	uint64_t *at;
	uint64_t code_bytes;
	uint64_t bytes;
	unsigned char *memory;
};

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

static bool place(struct load *load, unsigned index, uint64_t *end)
{
	const Elf64_Shdr *section = &load->elf.sections[index];
	uint64_t align = section->sh_addralign ? section->sh_addralign : 1;

	if (section->sh_size > MAX_IMAGE_BYTES)
		return false;
	load->at[index] = round_up(*end, align);
	*end = load->at[index] + section->sh_size;
	return *end <= MAX_IMAGE_BYTES;
}

static bool is_code(const Elf64_Shdr *section)
{
	return cwc_elf_is_loaded(section) && section->sh_flags & SHF_EXECINSTR;
}

static bool is_constant(const Elf64_Shdr *section)
{
	return cwc_elf_is_loaded(section) && !(section->sh_flags & SHF_EXECINSTR);
}

/* Code, then constants; a kernel has nothing that it may write. */
static int lay_out(struct load *load)
{
	const struct cwc_elf *elf = &load->elf;
	uint64_t end = 0;

	load->at = calloc(elf->num_sections, sizeof(*load->at));
	if (!load->at)
		return -ENOMEM;
	for (unsigned i = 0; i < elf->num_sections; i++) {
		const Elf64_Shdr *section = &elf->sections[i];

		if (cwc_elf_is_loaded(section) &&
		    (section->sh_flags & SHF_WRITE || section->sh_type == SHT_NOBITS))
			return -ENOEXEC;
		if (is_code(section) && !place(load, i, &end))
			return -ENOEXEC;
	}
	load->code_bytes = end = round_up(end, PAGE_BYTES);
	for (unsigned i = 0; i < elf->num_sections; i++) {
		if (is_constant(&elf->sections[i]) && !place(load, i, &end))
			return -ENOEXEC;
	}
	load->bytes = round_up(end, PAGE_BYTES);
	return load->code_bytes ? 0 : -ENOEXEC;
}

static int copy_sections(struct load *load)
{
	const struct cwc_elf *elf = &load->elf;

	load->memory =
		mmap(NULL, load->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (load->memory == MAP_FAILED) {
		load->memory = NULL;
		return -ENOMEM;
	}
	for (unsigned i = 0; i < elf->num_sections; i++) {
		const Elf64_Shdr *section = &elf->sections[i];

		if (cwc_elf_is_loaded(section))
			memcpy(load->memory + load->at[i], elf->bytes + section->sh_offset,
			       section->sh_size);
	}
	return 0;
}

static int apply_relative(void *context, const struct cwc_elf_rela *rela)
{
	struct load *load = context;
	unsigned char *where = load->memory + load->at[rela->section] + rela->offset;
	uint64_t value = load->at[rela->at_section] + rela->at_offset + (uint64_t)rela->addend -
			 (load->at[rela->section] + rela->offset);
	int32_t narrow = (int32_t)value;

	if ((rela->type != R_X86_64_PC32 && rela->type != R_X86_64_PLT32) ||
	    (uint64_t)(int64_t)narrow != value)
		return -ENOEXEC;
	memcpy(where, &narrow, sizeof(narrow));
	return 0;
}

/* Code becomes executable and loses its writability in the same step. */
static int protect(const struct load *load)
{
	if (mprotect(load->memory, load->code_bytes, PROT_READ | PROT_EXEC))
		return -ENOMEM;
	if (load->bytes > load->code_bytes &&
	    mprotect(load->memory + load->code_bytes, load->bytes - load->code_bytes, PROT_READ))
		return -ENOMEM;
	return 0;
}

static int find_entry(const struct load *load, struct cwc_image *image)
{
	Elf64_Sym symbol;
	const Elf64_Shdr *section;

	if (!cwc_elf_find(&load->elf, CWC_ENTRY_SYMBOL, &symbol))
		return -ENOEXEC;
	section = &load->elf.sections[symbol.st_shndx];
	if (!is_code(section) || symbol.st_value >= section->sh_size)
		return -ENOEXEC;
	image->entry = (cwc_group_fn *)(load->memory + load->at[symbol.st_shndx] + symbol.st_value);
	return 0;
}

static bool host_has(uint32_t isa)
{
	__builtin_cpu_init();
	switch (isa) {
	case CWC_ISA_SSE4:
		return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
	case CWC_ISA_AVX2:
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
		       __builtin_cpu_supports("bmi2");
	case CWC_ISA_AVX512:
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
		       __builtin_cpu_supports("avx512vl");
	default:
		return false;
	}
}

static bool note_is_good(const struct cwc_kernel_note *note)
{
	return note->abi_version == CWC_ABI_VERSION && host_has(note->isa) && note->width >= 1 &&
	       note->width <= 64 && note->arg_bytes % 8 == 0 &&
	       note->frame_bytes % CWC_ARENA_ALIGN == 0 && note->frame_bytes <= UINT64_C(1) << 40 &&
	       note->local_bytes <= UINT64_C(1) << 40 && note->stack_bytes <= UINT64_C(1) << 40;
}

static int find_note(const struct cwc_elf *elf, struct cwc_kernel_note *note)
{
	static const char name[12] = CWC_NOTE_NAME;

	for (unsigned i = 1; i < elf->num_sections; i++) {
		const Elf64_Shdr *section = &elf->sections[i];
		const unsigned char *bytes;
		Elf64_Nhdr head;

		if ((section->sh_type != SHT_NOTE && section->sh_type != SHT_PROGBITS) ||
		    strcmp(cwc_elf_section_name(elf, i), CWC_NOTE_SECTION) != 0 ||
		    section->sh_size < sizeof(head) + sizeof(name) + sizeof(*note))
			continue;
		bytes = elf->bytes + section->sh_offset;
		memcpy(&head, bytes, sizeof(head));
		if (head.n_namesz != sizeof(CWC_NOTE_NAME) || head.n_descsz != sizeof(*note) ||
		    head.n_type != CWC_NOTE_KERNEL ||
		    memcmp(bytes + sizeof(head), name, sizeof(CWC_NOTE_NAME)) != 0)
			continue;
		memcpy(note, bytes + sizeof(head) + sizeof(name), sizeof(*note));
		return note_is_good(note) ? 0 : -ENOEXEC;
	}
	return -ENOEXEC;
}

static int load_image(struct load *load, const void *object, size_t bytes, struct cwc_image *image)
{
	int error = cwc_elf_open(&load->elf, object, bytes);

	if (!error)
		error = find_note(&load->elf, &image->note);
	if (!error)
		error = lay_out(load);
	if (!error)
		error = copy_sections(load);
	if (!error)
		error = cwc_elf_for_each_rela(&load->elf, sizeof(int32_t), apply_relative, load);
	if (!error)
		error = find_entry(load, image);
	if (!error)
		error = protect(load);
	return error;
}

int cwc_image_load(const void *object, size_t bytes, struct cwc_image **image_out)
{
	struct cwc_image *image = calloc(1, sizeof(*image));
	struct load load = {0};
	int error = image ? load_image(&load, object, bytes, image) : -ENOMEM;

	cwc_elf_close(&load.elf);
	free(load.at);
	if (error) {
		if (load.memory)
			munmap(load.memory, load.bytes);
		free(image);
		return error;
	}
	image->base = load.memory;
	image->bytes = load.bytes;
	*image_out = image;
	return 0;
}

void cwc_image_unload(struct cwc_image *image)
{
	if (!image)
		return;
	munmap(image->base, image->bytes);
	free(image);
}

/* struct globals - a block on its way into memory: its section and its place. */
struct globals {
	unsigned section;
	unsigned char *block;
};

static int apply_absolute(void *context, const struct cwc_elf_rela *rela)
{
	struct globals *globals = context;
	uint64_t value = (uintptr_t)globals->block + rela->at_offset + (uint64_t)rela->addend;

	if (rela->type != R_X86_64_64 || rela->section != globals->section ||
	    rela->at_section != globals->section)
		return -ENOEXEC;
	memcpy(globals->block + rela->offset, &value, sizeof(value));
	return 0;
}

/* The one section that holds the variables. */
static int find_globals(const struct cwc_elf *elf, struct globals *globals)
{
	Elf64_Sym symbol;

	if (!cwc_elf_find(elf, CWC_GLOBALS_SYMBOL, &symbol) || symbol.st_value)
		return -ENOEXEC;
	globals->section = symbol.st_shndx;
	for (unsigned i = 1; i < elf->num_sections; i++) {
		if (cwc_elf_is_loaded(&elf->sections[i]) && i != globals->section)
			return -ENOEXEC;
	}
	return elf->sections[globals->section].sh_flags & SHF_EXECINSTR ? -ENOEXEC : 0;
}

int cwc_globals_load(const void *object, size_t bytes, void **block_out, size_t *bytes_out)
{
	struct globals globals = {0};
	const Elf64_Shdr *section;
	struct cwc_elf elf;
	int error = cwc_elf_open(&elf, object, bytes);

	if (!error)
		error = find_globals(&elf, &globals);
	if (error)
		goto out;
	section = &elf.sections[globals.section];
	globals.block = mmap(NULL, section->sh_size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (globals.block == MAP_FAILED) {
		error = -ENOMEM;
		goto out;
	}
	if (section->sh_type != SHT_NOBITS)
		memcpy(globals.block, elf.bytes + section->sh_offset, section->sh_size);
	error = cwc_elf_for_each_rela(&elf, sizeof(uint64_t), apply_absolute, &globals);
	if (error) {
		munmap(globals.block, section->sh_size);
		goto out;
	}
	*block_out = globals.block;
	*bytes_out = section->sh_size;
out:
	cwc_elf_close(&elf);
	return error;
}

void cwc_globals_unload(void *block, size_t bytes)
{
	if (block)
		munmap(block, bytes);
}
