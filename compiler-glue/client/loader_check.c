/* SPDX-License-Identifier: MIT */
#include "client/loader_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SECTIONS 4096
#define MAX_ALIGN    4096

static bool in_file(const struct cwc_elf *elf, uint64_t offset, uint64_t bytes)
{
	return offset <= elf->size && bytes <= elf->size - offset;
}

static bool header_is_good(const struct cwc_elf *elf, const Elf64_Ehdr *header)
{
	return !memcmp(header->e_ident, ELFMAG, SELFMAG) &&
	       header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == ELFDATA2LSB &&
	       header->e_type == ET_REL && header->e_machine == EM_X86_64 &&
	       header->e_shentsize == sizeof(Elf64_Shdr) && header->e_shnum > 0 &&
	       header->e_shnum <= MAX_SECTIONS && header->e_shstrndx < header->e_shnum &&
	       in_file(elf, header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr));
}

static bool section_is_good(const struct cwc_elf *elf, const Elf64_Shdr *section)
{
	uint64_t align = section->sh_addralign;

	if (section->sh_type == SHT_NULL)
		return !cwc_elf_is_loaded(section);
	if (section->sh_type != SHT_NOBITS && !in_file(elf, section->sh_offset, section->sh_size))
		return false;
	if (!cwc_elf_is_loaded(section))
		return true;
	return align <= MAX_ALIGN && !(align & (align - 1)) &&
	       !(section->sh_flags & (SHF_TLS | SHF_COMPRESSED)) &&
	       !(section->sh_flags & SHF_WRITE && section->sh_flags & SHF_EXECINSTR);
}

static bool strings_are_good(const struct cwc_elf *elf, unsigned index)
{
	const Elf64_Shdr *section;

	if (index >= elf->num_sections)
		return false;
	section = &elf->sections[index];
	return section->sh_type == SHT_STRTAB && section->sh_size &&
	       !elf->bytes[section->sh_offset + section->sh_size - 1];
}

static bool find_symbols(struct cwc_elf *elf)
{
	for (unsigned i = 1; i < elf->num_sections; i++) {
		const Elf64_Shdr *section = &elf->sections[i];

		if (section->sh_type != SHT_SYMTAB)
			continue;
		if (elf->symbols || section->sh_entsize != sizeof(Elf64_Sym) ||
		    section->sh_size % sizeof(Elf64_Sym) ||
		    !strings_are_good(elf, section->sh_link))
			return false;
		elf->symbols = i;
	}
	return elf->symbols;
}

int cwc_elf_open(struct cwc_elf *elf, const void *object, size_t bytes)
{
	Elf64_Ehdr header;

	*elf = (struct cwc_elf){.bytes = object, .size = bytes};
	if (bytes < sizeof(header))
		return -ENOEXEC;
	memcpy(&header, object, sizeof(header));
	if (!header_is_good(elf, &header))
		return -ENOEXEC;
	elf->num_sections = header.e_shnum;
	elf->names = header.e_shstrndx;
	elf->sections = calloc(elf->num_sections, sizeof(*elf->sections));
	if (!elf->sections)
		return -ENOMEM;
	memcpy(elf->sections, elf->bytes + header.e_shoff,
	       elf->num_sections * sizeof(*elf->sections));
	for (unsigned i = 0; i < elf->num_sections; i++) {
		if (!section_is_good(elf, &elf->sections[i]))
			return -ENOEXEC;
	}
	return strings_are_good(elf, elf->names) && find_symbols(elf) ? 0 : -ENOEXEC;
}

void cwc_elf_close(struct cwc_elf *elf)
{
	free(elf->sections);
	elf->sections = NULL;
}

static const char *string_at(const struct cwc_elf *elf, unsigned section, uint64_t offset)
{
	if (offset >= elf->sections[section].sh_size)
		return "";
	return (const char *)elf->bytes + elf->sections[section].sh_offset + offset;
}

const char *cwc_elf_section_name(const struct cwc_elf *elf, unsigned section)
{
	return string_at(elf, elf->names, elf->sections[section].sh_name);
}

size_t cwc_elf_num_symbols(const struct cwc_elf *elf)
{
	return elf->sections[elf->symbols].sh_size / sizeof(Elf64_Sym);
}

Elf64_Sym cwc_elf_symbol(const struct cwc_elf *elf, size_t index)
{
	Elf64_Sym symbol;

	memcpy(&symbol, elf->bytes + elf->sections[elf->symbols].sh_offset + index * sizeof(symbol),
	       sizeof(symbol));
	return symbol;
}

const char *cwc_elf_symbol_name(const struct cwc_elf *elf, const Elf64_Sym *symbol)
{
	return string_at(elf, elf->sections[elf->symbols].sh_link, symbol->st_name);
}

/* The symbol is a place in a loaded section, its end included. */
static bool is_placed(const struct cwc_elf *elf, const Elf64_Sym *symbol)
{
	return symbol->st_shndx && symbol->st_shndx < elf->num_sections &&
	       cwc_elf_is_loaded(&elf->sections[symbol->st_shndx]) &&
	       symbol->st_value <= elf->sections[symbol->st_shndx].sh_size;
}

bool cwc_elf_find(const struct cwc_elf *elf, const char *name, Elf64_Sym *symbol_out)
{
	size_t count = cwc_elf_num_symbols(elf);

	for (size_t i = 1; i < count; i++) {
		Elf64_Sym symbol = cwc_elf_symbol(elf, i);

		if (ELF64_ST_BIND(symbol.st_info) != STB_GLOBAL || !is_placed(elf, &symbol) ||
		    strcmp(cwc_elf_symbol_name(elf, &symbol), name) != 0)
			continue;
		*symbol_out = symbol;
		return true;
	}
	return false;
}

static int one_rela(const struct cwc_elf *elf, unsigned section, const Elf64_Rela *raw,
		    unsigned place_bytes,
		    int (*apply)(void *context, const struct cwc_elf_rela *rela), void *context)
{
	const Elf64_Shdr *place = &elf->sections[section];
	size_t index = ELF64_R_SYM(raw->r_info);
	struct cwc_elf_rela rela;
	Elf64_Sym symbol;

	if (place->sh_size < place_bytes || raw->r_offset > place->sh_size - place_bytes ||
	    index >= cwc_elf_num_symbols(elf))
		return -ENOEXEC;
	symbol = cwc_elf_symbol(elf, index);
	if (!is_placed(elf, &symbol))
		return -ENOEXEC;
	rela = (struct cwc_elf_rela){section,	      raw->r_offset,   ELF64_R_TYPE(raw->r_info),
				     symbol.st_shndx, symbol.st_value, raw->r_addend};
	return apply(context, &rela);
}

static int section_relas(const struct cwc_elf *elf, const Elf64_Shdr *section, unsigned place_bytes,
			 int (*apply)(void *context, const struct cwc_elf_rela *rela),
			 void *context)
{
	int error = 0;

	if (section->sh_type != SHT_RELA || section->sh_entsize != sizeof(Elf64_Rela) ||
	    section->sh_size % sizeof(Elf64_Rela) || section->sh_link != elf->symbols ||
	    elf->sections[section->sh_info].sh_type == SHT_NOBITS)
		return -ENOEXEC;
	for (uint64_t at = 0; at < section->sh_size && !error; at += sizeof(Elf64_Rela)) {
		Elf64_Rela raw;

		memcpy(&raw, elf->bytes + section->sh_offset + at, sizeof(raw));
		error = one_rela(elf, section->sh_info, &raw, place_bytes, apply, context);
	}
	return error;
}

int cwc_elf_for_each_rela(const struct cwc_elf *elf, unsigned place_bytes,
			  int (*apply)(void *context, const struct cwc_elf_rela *rela),
			  void *context)
{
	int error = 0;

	for (unsigned i = 1; i < elf->num_sections && !error; i++) {
		const Elf64_Shdr *section = &elf->sections[i];

		if (section->sh_type != SHT_RELA && section->sh_type != SHT_REL)
			continue;
		if (section->sh_info >= elf->num_sections)
			return -ENOEXEC;
		if (cwc_elf_is_loaded(&elf->sections[section->sh_info]))
			error = section_relas(elf, section, place_bytes, apply, context);
	}
	return error;
}
