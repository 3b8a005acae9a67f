/* SPDX-License-Identifier: MIT */
#include "front/metadata.h"

#include <errno.h>
#include <llvm-c/Core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spmd/spmd.h"

/* The values of OpenCL's header that struct cwc_arg_info speaks in. */
enum {
	ADDRESS_GLOBAL = 0x119b,
	ADDRESS_LOCAL = 0x119c,
	ADDRESS_CONSTANT = 0x119d,
	ADDRESS_PRIVATE = 0x119e,
	ACCESS_READ_ONLY = 0x11a0,
	ACCESS_WRITE_ONLY = 0x11a1,
	ACCESS_READ_WRITE = 0x11a2,
	ACCESS_NONE = 0x11a3,
};

enum {
	QUALIFIER_CONST = 1,
	QUALIFIER_RESTRICT = 2,
	QUALIFIER_VOLATILE = 4,
	QUALIFIER_PIPE = 8,
};

/* Keep a copy of @bytes bytes as a string; NULL when memory ran out. */
static const char *keep(struct cwc_kernels *kernels, const char *text, size_t bytes)
{
	char *copy;

	if (kernels->num_texts == kernels->room) {
		unsigned room = kernels->room ? 2 * kernels->room : 64;
		char **texts = realloc(kernels->texts, room * sizeof(*texts));

		if (!texts)
			return NULL;
		kernels->texts = texts;
		kernels->room = room;
	}
	copy = strndup(text, bytes);
	if (copy)
		kernels->texts[kernels->num_texts++] = copy;
	return copy;
}

/* The metadata node @name of @function, or NULL. */
static LLVMValueRef node_of(LLVMValueRef function, const char *name)
{
	LLVMContextRef context = LLVMGetModuleContext(LLVMGetGlobalParent(function));
	unsigned kind = LLVMGetMDKindIDInContext(context, name, strlen(name));
	LLVMValueRef node = NULL;
	size_t count;
	LLVMValueMetadataEntry *entries = LLVMGlobalCopyAllMetadata(function, &count);

	for (size_t i = 0; i < count; i++) {
		if (LLVMValueMetadataEntriesGetKind(entries, i) == kind)
			node = LLVMMetadataAsValue(context,
						   LLVMValueMetadataEntriesGetMetadata(entries, i));
	}
	LLVMDisposeValueMetadataEntries(entries);
	return node;
}

static LLVMValueRef operand_of(LLVMValueRef node, unsigned index)
{
	unsigned count = node ? LLVMGetMDNodeNumOperands(node) : 0;
	LLVMValueRef *operands, operand;

	if (index >= count)
		return NULL;
	operands = calloc(count, sizeof(LLVMValueRef));
	if (!operands)
		return NULL;
	LLVMGetMDNodeOperands(node, operands);
	operand = operands[index];
	free(operands);
	return operand;
}

static const char *string_of(LLVMValueRef node, unsigned index, unsigned *bytes_out)
{
	LLVMValueRef operand = operand_of(node, index);
	const char *text = operand ? LLVMGetMDString(operand, bytes_out) : NULL;

	if (!text)
		*bytes_out = 0;
	return text ? text : "";
}

static uint64_t number_of(LLVMValueRef node, unsigned index)
{
	LLVMValueRef operand = operand_of(node, index);

	return operand && LLVMIsAConstantInt(operand) ? LLVMConstIntGetZExtValue(operand) : 0;
}

static bool has_word(const char *text, unsigned bytes, const char *word)
{
	return memmem(text, bytes, word, strlen(word)) != NULL;
}

static uint64_t qualifiers_of(LLVMValueRef function, unsigned index)
{
	unsigned bytes;
	const char *text = string_of(node_of(function, "kernel_arg_type_qual"), index, &bytes);

	return (has_word(text, bytes, "const") ? QUALIFIER_CONST : 0) |
	       (has_word(text, bytes, "restrict") ? QUALIFIER_RESTRICT : 0) |
	       (has_word(text, bytes, "volatile") ? QUALIFIER_VOLATILE : 0) |
	       (has_word(text, bytes, "pipe") ? QUALIFIER_PIPE : 0);
}

static uint32_t access_of(LLVMValueRef function, unsigned index)
{
	unsigned bytes;
	const char *text = string_of(node_of(function, "kernel_arg_access_qual"), index, &bytes);

	if (has_word(text, bytes, "read_only"))
		return ACCESS_READ_ONLY;
	if (has_word(text, bytes, "write_only"))
		return ACCESS_WRITE_ONLY;
	return has_word(text, bytes, "read_write") ? ACCESS_READ_WRITE : ACCESS_NONE;
}

static uint32_t address_of(LLVMValueRef function, unsigned index)
{
	switch (number_of(node_of(function, "kernel_arg_addr_space"), index)) {
	case 1:
		return ADDRESS_GLOBAL;
	case 2:
		return ADDRESS_CONSTANT;
	case 3:
		return ADDRESS_LOCAL;
	default:
		return ADDRESS_PRIVATE;
	}
}

static uint32_t kind_of_opaque(LLVMTypeRef type)
{
	const char *name = LLVMGetTargetExtTypeName(type);

	if (strstr(name, "Sampler"))
		return CWC_ARG_SAMPLER;
	if (strstr(name, "Pipe"))
		return CWC_ARG_PIPE;
	return strstr(name, "Queue") ? CWC_ARG_QUEUE : CWC_ARG_IMAGE;
}

static uint32_t kind_of(LLVMTypeRef type)
{
	if (LLVMGetTypeKind(type) == LLVMTargetExtTypeKind)
		return kind_of_opaque(type);
	if (LLVMGetTypeKind(type) != LLVMPointerTypeKind)
		return CWC_ARG_VALUE;
	switch (LLVMGetPointerAddressSpace(type)) {
	case 1:
		return CWC_ARG_GLOBAL;
	case 2:
		return CWC_ARG_CONSTANT;
	case 3:
		return CWC_ARG_LOCAL;
	default:
		return CWC_ARG_VALUE;
	}
}

static int name_arg(struct cwc_kernels *kernels, LLVMValueRef function, unsigned index,
		    struct cwc_arg_info *arg)
{
	unsigned bytes;
	const char *text = string_of(node_of(function, "kernel_arg_name"), index, &bytes);

	arg->name = keep(kernels, text, bytes);
	text = string_of(node_of(function, "kernel_arg_type"), index, &bytes);
	arg->type_name = keep(kernels, text, bytes);
	return arg->name && arg->type_name ? 0 : -ENOMEM;
}

static int collect_args(struct cwc_kernels *kernels, LLVMValueRef function, bool named,
			struct cwc_kernel_info *kernel)
{
	unsigned count = LLVMCountParams(function);
	struct cwc_arg_info *args = calloc(count + 1, sizeof(*args));
	uint64_t offset = 0;

	kernel->args = args;
	if (!args)
		return -ENOMEM;
	kernel->num_args = count;
	for (unsigned i = 0; i < count; i++) {
		uint64_t bytes = cwc_arg_place(function, i, &offset);

		args[i].kind = kind_of(LLVMTypeOf(LLVMGetParam(function, i)));
		args[i].bytes = args[i].kind == CWC_ARG_LOCAL ? 0 : bytes;
		args[i].offset = offset;
		args[i].address = address_of(function, i);
		args[i].access = access_of(function, i);
		args[i].type_qualifier = qualifiers_of(function, i);
		offset += bytes;
		if (named && name_arg(kernels, function, i, &args[i]))
			return -ENOMEM;
	}
	kernel->arg_bytes = (offset + 7) / 8 * 8;
	return 0;
}

/* OpenCL's name of a scalar type; integers by their size and sign. */
static const char *scalar_name(LLVMTypeRef type, bool is_signed)
{
	switch (LLVMGetTypeKind(type)) {
	case LLVMHalfTypeKind:
		return "half";
	case LLVMFloatTypeKind:
		return "float";
	case LLVMDoubleTypeKind:
		return "double";
	case LLVMIntegerTypeKind:
		break;
	default:
		return "int";
	}
	switch (LLVMGetIntTypeWidth(type)) {
	case 8:
		return is_signed ? "char" : "uchar";
	case 16:
		return is_signed ? "short" : "ushort";
	case 64:
		return is_signed ? "long" : "ulong";
	default:
		return is_signed ? "int" : "uint";
	}
}

static void add_vector_hint(LLVMValueRef function, char *text, size_t room)
{
	LLVMValueRef node = node_of(function, "vec_type_hint");
	LLVMValueRef example = operand_of(node, 0);
	bool is_signed = number_of(node, 1);
	size_t used = strlen(text);
	LLVMTypeRef type;

	if (!example)
		return;
	type = LLVMTypeOf(example);
	if (LLVMGetTypeKind(type) == LLVMVectorTypeKind)
		snprintf(text + used, room - used, "%svec_type_hint(%s%u)", used ? " " : "",
			 scalar_name(LLVMGetElementType(type), is_signed), LLVMGetVectorSize(type));
	else
		snprintf(text + used, room - used, "%svec_type_hint(%s)", used ? " " : "",
			 scalar_name(type, is_signed));
}

static void add_sizes(LLVMValueRef function, const char *name, uint64_t sizes[3], char *text,
		      size_t room)
{
	LLVMValueRef node = node_of(function, name);
	size_t used = strlen(text);

	if (!node)
		return;
	for (unsigned i = 0; i < 3; i++)
		sizes[i] = number_of(node, i);
	snprintf(text + used, room - used, "%s%s(%llu,%llu,%llu)", used ? " " : "", name,
		 (unsigned long long)sizes[0], (unsigned long long)sizes[1],
		 (unsigned long long)sizes[2]);
}

static int collect_kernel(struct cwc_kernels *kernels, LLVMValueRef function, bool named,
			  bool uniform)
{
	struct cwc_kernel_info *kernel = &kernels->info[kernels->count++];
	char text[512] = "";
	size_t bytes;
	const char *name = LLVMGetValueName2(function, &bytes);

	kernel->name = keep(kernels, name, bytes);
	add_vector_hint(function, text, sizeof(text));
	add_sizes(function, "work_group_size_hint", kernel->hint_local, text, sizeof(text));
	add_sizes(function, "reqd_work_group_size", kernel->required_local, text, sizeof(text));
	kernel->attributes = keep(kernels, text, strlen(text));
	kernel->uniform_groups = uniform;
	kernel->has_arg_info = named;
	if (!kernel->name || !kernel->attributes)
		return -ENOMEM;
	return collect_args(kernels, function, named, kernel);
}

static bool is_kernel(LLVMValueRef function)
{
	return !LLVMIsDeclaration(function) &&
	       LLVMGetFunctionCallConv(function) == LLVMSPIRKERNELCallConv;
}

int cwc_kernels_collect(LLVMModuleRef module, bool named, bool uniform, struct cwc_kernels *kernels)
{
	LLVMValueRef function;
	size_t count = 0;
	int error = 0;

	*kernels = (struct cwc_kernels){0};
	for (function = LLVMGetFirstFunction(module); function;
	     function = LLVMGetNextFunction(function))
		count += is_kernel(function);
	kernels->info = calloc(count + 1, sizeof(*kernels->info));
	if (!kernels->info)
		return -ENOMEM;
	for (function = LLVMGetFirstFunction(module); function && !error;
	     function = LLVMGetNextFunction(function)) {
		if (is_kernel(function))
			error = collect_kernel(kernels, function, named, uniform);
	}
	return error;
}

void cwc_kernels_finish(struct cwc_kernels *kernels)
{
	for (unsigned i = 0; i < kernels->count; i++)
		free((void *)kernels->info[i].args);
	for (unsigned i = 0; i < kernels->num_texts; i++)
		free(kernels->texts[i]);
	free(kernels->texts);
	free(kernels->info);
	*kernels = (struct cwc_kernels){0};
}
