/* SPDX-License-Identifier: MIT */
/* A view of a relocatable ELF file in which every offset and index has been checked. */
#ifndef CWC_LOADER_CHECK_H
#define CWC_LOADER_CHECK_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * struct cwc_elf - a checked view.
 * @bytes, @size: the file; the caller's, of any alignment.
 * @sections: a copy of the section headers, @num_sections of them.
 * @symbols: index of the symbol table's section.
 */
struct cwc_elf {
	const unsigned char *bytes;
	size_t size;
	Elf64_Shdr *sections;
	unsigned num_sections;
	unsigned symbols;
	unsigned names;
};

/*
 * 0, -ENOEXEC or -ENOMEM; cwc_elf_close() is due in all cases.  Afterwards:
 * every section's bytes lie in the file, alignments are powers of two up to a
 * page, the symbol table and both string tables are whole.
 */
int cwc_elf_open(struct cwc_elf *elf, const void *object, size_t bytes);
void cwc_elf_close(struct cwc_elf *elf);

static inline bool cwc_elf_is_loaded(const Elf64_Shdr *section)
{
	return section->sh_flags & SHF_ALLOC && section->sh_size;
}

/* The name of a section; the number of symbols; symbol @index; its name. */
const char *cwc_elf_section_name(const struct cwc_elf *elf, unsigned section);
size_t cwc_elf_num_symbols(const struct cwc_elf *elf);
Elf64_Sym cwc_elf_symbol(const struct cwc_elf *elf, size_t index);
const char *cwc_elf_symbol_name(const struct cwc_elf *elf, const Elf64_Sym *symbol);

/*
 * The defined global symbol @name, which lies in a loaded section.  False if
 * there is none.
 */
bool cwc_elf_find(const struct cwc_elf *elf, const char *name, Elf64_Sym *symbol_out);

/* A relocation whose place and symbol have been checked. */
struct cwc_elf_rela {
	unsigned section;    /* where the place is */
	uint64_t offset;     /* of the place in it */
	unsigned type;	     /* R_X86_64_* */
	unsigned at_section; /* where the symbol is */
	uint64_t at_offset;  /* of the symbol in it */
	int64_t addend;
};

/*
 * Call @apply for every relocation of a loaded section.  The place has room
 * for @place_bytes, the symbol is in a loaded section.  The first error of
 * @apply, or -ENOEXEC, ends it.
 */
int cwc_elf_for_each_rela(const struct cwc_elf *elf, unsigned place_bytes,
			  int (*apply)(void *context, const struct cwc_elf_rela *rela),
			  void *context);

#endif
