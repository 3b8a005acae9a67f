/* SPDX-License-Identifier: MIT */
/* Optimise the finished module, link what it calls and write the ELF object. */
#include "internal.h"

#include <elf.h>
#include <llvm-c/Analysis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "llvm_shim.h"

#define OPTIMISE_PASSES "default<O3>"

/* Bytes of the ELF note: header, padded name, struct cwc_kernel_note. */
struct note_bytes {
	uint32_t name_bytes, desc_bytes, type;
	char name[12];
	struct cwc_kernel_note note;
};

_Static_assert(offsetof(struct note_bytes, note) == 24, "the note is 8-byte aligned");

static void make_constant(struct cwc_unit *unit, const char *name, const char *section,
			  const void *bytes, size_t size)
{
	val_t data = LLVMConstStringInContext2(unit->context, bytes, size, 1);
	val_t variable = LLVMAddGlobal(unit->module, LLVMTypeOf(data), name), used;

	LLVMSetInitializer(variable, data);
	LLVMSetGlobalConstant(variable, 1);
	LLVMSetLinkage(variable, LLVMInternalLinkage);
	LLVMSetSection(variable, section);
	LLVMSetAlignment(variable, 8);
	used = LLVMAddGlobal(unit->module, LLVMArrayType2(unit->ptr, 1), "llvm.compiler.used");
	LLVMSetInitializer(used, LLVMConstArray2(unit->ptr, &variable, 1));
	LLVMSetLinkage(used, LLVMAppendingLinkage);
	LLVMSetSection(used, "llvm.metadata");
}

void cwc_object_note(struct cwc_unit *unit, uint64_t arg_bytes)
{
	struct note_bytes bytes = {
		.name_bytes = sizeof(CWC_NOTE_NAME),
		.desc_bytes = sizeof(struct cwc_kernel_note),
		.type = CWC_NOTE_KERNEL,
		.name = CWC_NOTE_NAME,
		.note =
			{
				.abi_version = CWC_ABI_VERSION,
				.isa = unit->options.isa,
				.width = unit->width,
				.flags = unit->flags |
					 (unit->options.wide_ids ? CWC_KERNEL_WIDE_IDS : 0),
				.arg_bytes = (uint32_t)arg_bytes,
				.frame_bytes = (unit->frame_bytes + CWC_ARENA_ALIGN - 1) /
					       CWC_ARENA_ALIGN * CWC_ARENA_ALIGN,
				.local_bytes = unit->local_bytes,
				.private_bytes = unit->private_bytes,
			},
	};

	make_constant(unit, "cwc.note", CWC_NOTE_SECTION, &bytes, sizeof(bytes));
}

static int import_from(struct cwc_unit *unit, LLVMModuleRef library)
{
	char *message = NULL;

	if (!library || !cwc_llvm_import(unit->module, library, NULL, &message))
		return 0;
	cwc_fail(unit, "library: %s", message);
	LLVMDisposeMessage(message);
	return -1;
}

/* Names that instruction selection may come to need; unused ones are dropped after it has not. */
static int verify(struct cwc_unit *unit)
{
	char *message = NULL;

	if (LLVMVerifyModule(unit->module, LLVMReturnStatusAction, &message)) {
		cwc_fail(unit, "internal: %s", message);
		LLVMDisposeMessage(message);
		return -1;
	}
	LLVMDisposeMessage(message);
	return 0;
}

static void dump(struct cwc_unit *unit, const char *stage)
{
	if (cwc_dumps(unit, stage))
		LLVMDumpModule(unit->module);
}

int cwc_object_optimise(struct cwc_unit *unit)
{
	if (verify(unit))
		return -1;
	dump(unit, "chunk");
	if (unit->options.opt_level && cwc_run_passes(unit, OPTIMISE_PASSES))
		return -1;
	if (import_from(unit, cwc_spmd_library_module(unit->spmd, unit->options.isa)))
		return -1;
	if (cwc_run_passes(unit, "globaldce"))
		return -1;
	dump(unit, "final");
	return 0;
}

/* Uleb128 at *@at, moved on; 0 past @end. */
static uint64_t read_uleb(const unsigned char **at, const unsigned char *end)
{
	uint64_t value = 0;
	unsigned shift = 0;

	while (*at < end) {
		unsigned char byte = *(*at)++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
		shift += 7;
	}
	return value;
}

/* Sum of all functions' frames: no function calls itself. */
static uint64_t sum_stack_sizes(const unsigned char *data, uint64_t bytes)
{
	const unsigned char *at = data, *end = data + bytes;
	uint64_t sum = 0;

	while (at + 8 < end) {
		at += 8;
		sum += read_uleb(&at, end) + 16;
	}
	return sum;
}

/*
 * Read .stack_sizes, then make it and its relocations disappear; put the sum into the
 * note.  @object is what LLVM just wrote, so its headers are sound.
 */
static void finish_object(unsigned char *object)
{
	Elf64_Ehdr *header = (Elf64_Ehdr *)object;
	Elf64_Shdr *sections = (Elf64_Shdr *)(object + header->e_shoff);
	const char *names = (const char *)(object + sections[header->e_shstrndx].sh_offset);
	struct note_bytes *note = NULL;
	uint64_t stack = 0;

	for (unsigned i = 0; i < header->e_shnum; i++) {
		const char *name = names + sections[i].sh_name;

		if (!strcmp(name, ".stack_sizes"))
			stack += sum_stack_sizes(object + sections[i].sh_offset,
						 sections[i].sh_size);
		else if (!strcmp(name, CWC_NOTE_SECTION))
			note = (struct note_bytes *)(object + sections[i].sh_offset);
		if (!strcmp(name, ".stack_sizes") || !strcmp(name, ".rela.stack_sizes"))
			sections[i].sh_type = SHT_NULL;
	}
	if (note)
		note->note.stack_bytes = stack + 256;
}

int cwc_object_emit(struct cwc_unit *unit, void **object_out, size_t *bytes_out)
{
	LLVMMemoryBufferRef buffer = NULL;
	char *message = NULL;
	size_t size;

	if (cwc_dumps(unit, "asm")) {
		LLVMModuleRef copy = LLVMCloneModule(unit->module);

		if (!LLVMTargetMachineEmitToMemoryBuffer(unit->machine, copy, LLVMAssemblyFile,
							 &message, &buffer)) {
			fwrite(LLVMGetBufferStart(buffer), 1, LLVMGetBufferSize(buffer), stderr);
			LLVMDisposeMemoryBuffer(buffer);
		}
		LLVMDisposeModule(copy);
	}
	if (LLVMTargetMachineEmitToMemoryBuffer(unit->machine, unit->module, LLVMObjectFile,
						&message, &buffer)) {
		cwc_fail(unit, "code generation: %s", message);
		LLVMDisposeMessage(message);
		return -1;
	}
	size = LLVMGetBufferSize(buffer);
	*object_out = cwc_alloc(1, size);
	*bytes_out = size;
	memcpy(*object_out, LLVMGetBufferStart(buffer), size);
	LLVMDisposeMemoryBuffer(buffer);
	finish_object(*object_out);
	return 0;
}
