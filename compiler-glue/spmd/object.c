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

/*
 * The code is vectors already and the loops around it are as they should be: no
 * vectorisers, no unswitching, no unrolling of what is not unrolled whole.
 */
#define OPTIMISE_PASSES                                                                            \
	"function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"             \
	"loop-mssa(loop-rotate,licm),loop(loop-deletion,loop-unroll-full),sroa,"                   \
	"early-cse<memssa>,loop-mssa(licm),instcombine<no-verify-fixpoint>,simplifycfg)"

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

/* Does the module use an intrinsic whose name starts with @prefix? */
static bool uses(struct cwc_unit *unit, const char *prefix)
{
	for (val_t function = LLVMGetFirstFunction(unit->module); function;
	     function = LLVMGetNextFunction(function))
		if (!strncmp(cwc_name(function), prefix, strlen(prefix)))
			return true;
	return false;
}

/* Does it convert from or to half? */
static bool uses_half(struct cwc_unit *unit)
{
	type_t half = LLVMHalfTypeInContext(unit->context);

	for (val_t function = LLVMGetFirstFunction(unit->module); function;
	     function = LLVMGetNextFunction(function))
		for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
		     block = LLVMGetNextBasicBlock(block))
			for (val_t inst = LLVMGetFirstInstruction(block); inst;
			     inst = LLVMGetNextInstruction(inst))
				if (LLVMGetNumOperands(inst) &&
				    (cwc_component_type(LLVMTypeOf(inst), 0) == half ||
				     cwc_component_type(LLVMTypeOf(LLVMGetOperand(inst, 0)), 0) ==
					     half))
					return true;
	return false;
}

/* Import the support function @name and keep it till emission. */
static int want(struct cwc_unit *unit, const char *name)
{
	val_t source = LLVMGetNamedFunction(unit->spmd->support, name), function;

	if (!source || LLVMGetNamedFunction(unit->module, name))
		return 0;
	function = LLVMAddFunction(unit->module, name, LLVMGlobalGetValueType(source));
	if (cwc_import(unit, unit->spmd->support, NULL, NULL))
		return -1;
	LLVMSetLinkage(function, LLVMExternalLinkage);
	LLVMSetVisibility(function, LLVMHiddenVisibility);
	return 0;
}

/*
 * Instruction selection calls some functions by name.  Import those that it may come
 * to, as it can't be asked before.
 */
static int import_support(struct cwc_unit *unit)
{
	static const struct {
		const char *intrinsic, *name;
		bool sse4;
	} wanted[] = {
		{"llvm.memcpy.", "memcpy", false}, {"llvm.memmove.", "memmove", false},
		{"llvm.memset.", "memset", false}, {"llvm.fma.", "fma", true},
		{"llvm.fma.", "fmaf", true},
	};
	static const char *const halves[] = {"__extendhfsf2", "__truncsfhf2", "__truncdfhf2"};

	if (!unit->spmd->support)
		return 0;
	for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if ((!wanted[i].sse4 || unit->options.isa == CWC_ISA_SSE4) &&
		    uses(unit, wanted[i].intrinsic) && want(unit, wanted[i].name))
			return -1;
	if (uses_half(unit))
		for (unsigned i = 0; i < 3; i++)
			if (want(unit, halves[i]))
				return -1;
	return 0;
}

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
	LLVMModuleRef library;

	if (verify(unit))
		return -1;
	dump(unit, "chunk");
	if (unit->options.opt_level && cwc_run_passes(unit, OPTIMISE_PASSES))
		return -1;
	library = cwc_spmd_library_module(unit->spmd, unit->options.isa);
	if (library && cwc_import(unit, library, NULL, NULL))
		return -1;
	if (cwc_run_passes(unit, "globaldce") || import_support(unit))
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

/* The name of a symbol that the object needs and has not; NULL if it is whole. */
static const char *undefined_symbol(const unsigned char *object)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)object;
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(object + header->e_shoff);

	for (unsigned i = 0; i < header->e_shnum; i++) {
		const Elf64_Sym *symbols = (const Elf64_Sym *)(object + sections[i].sh_offset);

		if (sections[i].sh_type != SHT_SYMTAB)
			continue;
		for (size_t s = 1; s < sections[i].sh_size / sizeof(*symbols); s++)
			if (symbols[s].st_shndx == SHN_UNDEF)
				return (const char *)object +
				       sections[sections[i].sh_link].sh_offset + symbols[s].st_name;
	}
	return NULL;
}

int cwc_object_emit(struct cwc_unit *unit, void **object_out, size_t *bytes_out)
{
	LLVMMemoryBufferRef buffer = NULL;
	char *message = NULL;
	const char *undefined;
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
	undefined = undefined_symbol(*object_out);
	if (undefined) {
		cwc_fail(unit, "the code needs the function '%s', which is not there", undefined);
		free(*object_out);
		*object_out = NULL;
		return -1;
	}
	return 0;
}
