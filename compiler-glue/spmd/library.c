/* SPDX-License-Identifier: MIT */
/*
 * Library mode: the heavy functions of builtins.bc, ahead of time.
 *
 * Each becomes `name.w1`, which is scalar, and `name.w<W>` for every width of the
 * instruction set, which takes vectors and a mask.  The scalar ones are built in a unit
 * of their own, since the vector ones are structurised first.
 */
#include "internal.h"

#include <llvm-c/BitWriter.h>
#include <llvm-c/Linker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"

static const unsigned vector_widths[] = {4, 8, 16};

/* Import the bodies of all functions, the heavy ones too. */
static bool keep_all(val_t function, void *data)
{
	(void)function;
	(void)data;
	return true;
}

static size_t declare_heavy(struct cwc_unit *unit, LLVMModuleRef builtins, val_t **functions_out)
{
	size_t count = 0;
	val_t *functions;

	for (val_t f = LLVMGetFirstFunction(builtins); f; f = LLVMGetNextFunction(f))
		count += cwc_is_heavy(f);
	functions = cwc_alloc(count, sizeof(*functions));
	count = 0;
	for (val_t f = LLVMGetFirstFunction(builtins); f; f = LLVMGetNextFunction(f))
		if (cwc_is_heavy(f))
			functions[count++] = LLVMAddFunction(unit->module, cwc_name(f),
							     LLVMGlobalGetValueType(f));
	*functions_out = functions;
	return count;
}

/* Heavy functions stay calls within each other; all else is inlined. */
static void mark_inline(struct cwc_unit *unit)
{
	for (val_t f = LLVMGetFirstFunction(unit->module); f; f = LLVMGetNextFunction(f)) {
		if (LLVMIsDeclaration(f))
			continue;
		cwc_remove_attribute(f, "optnone");
		if (cwc_is_heavy(f)) {
			LLVMSetLinkage(f, LLVMExternalLinkage);
			continue;
		}
		LLVMSetLinkage(f, LLVMInternalLinkage);
		cwc_attribute(unit, f, "alwaysinline");
	}
}

static val_t declare_variant(struct cwc_unit *unit, val_t source)
{
	unsigned count = LLVMCountParams(source);
	type_t types[9], result = LLVMGetReturnType(LLVMGlobalGetValueType(source));
	char name[256];
	val_t function;

	if (count > 7) {
		cwc_fail(unit, "'%s' has too many parameters", cwc_name(source));
		return NULL;
	}
	for (unsigned i = 0; i < count; i++) {
		types[i] = LLVMTypeOf(LLVMGetParam(source, i));
		if (unit->width > 1)
			types[i] = cwc_vector_type(unit, types[i]);
	}
	if (unit->width > 1) {
		types[count++] = cwc_vector_type(unit, unit->i1);
		result = cwc_vector_type(unit, result);
	}
	snprintf(name, sizeof(name), "%s.w%u", cwc_name(source), unit->width);
	function = LLVMGetNamedFunction(unit->module, name);
	if (!function)
		function = LLVMAddFunction(unit->module, name,
					   LLVMFunctionType(result, types, count, 0));
	cwc_attribute(unit, function, "nounwind");
	cwc_set_target(unit, function);
	return function;
}

static void emit_variant(struct cwc_unit *unit, struct cwc_body *body, val_t source)
{
	unsigned count = LLVMCountParams(source);
	LLVMBasicBlockRef start, exit;

	body->target = declare_variant(unit, source);
	if (!body->target)
		return;
	body->params = cwc_alloc(count, sizeof(*body->params));
	for (unsigned i = 0; i < count; i++)
		body->params[i] = LLVMGetParam(body->target, i);
	body->ids.mask = unit->width > 1 ? LLVMGetParam(body->target, count) : NULL;
	body->allocas = cwc_new_block(body, "allocas");
	start = cwc_new_block(body, "start");
	exit = cwc_new_block(body, "exit");
	cwc_body_emit(body, start, exit);
	if (body->result)
		LLVMBuildRet(unit->builder, body->result);
	LLVMPositionBuilderAtEnd(unit->builder, body->allocas);
	LLVMBuildBr(unit->builder, start);
}

static int emit_function(struct cwc_unit *unit, val_t source, unsigned width)
{
	struct cwc_body body;

	unit->width = width;
	cwc_body_init(&body, unit, source);
	body.library = true;
	if (!unit->error)
		cwc_shape_analyse(&body);
	if (!unit->error)
		emit_variant(unit, &body, source);
	cwc_body_finish(&body);
	if (!unit->error)
		return 0;
	return -1;
}

/* Bring the unit's module to hold the scalar heavy functions, canonical. */
static int prepare(struct cwc_unit *unit, val_t **functions_out, size_t *count_out)
{
	*count_out = declare_heavy(unit, unit->spmd->builtins, functions_out);
	if (cwc_import(unit, unit->spmd->builtins, keep_all, NULL))
		return -1;
	mark_inline(unit);
	if (cwc_scalar_passes(unit))
		return -1;
	for (size_t i = 0; i < *count_out; i++)
		if (cwc_canonicalise_calls(unit, (*functions_out)[i]))
			return -1;
	return cwc_canonical_passes(unit);
}

static int build(struct cwc_unit *unit, bool scalar)
{
	val_t *functions = NULL;
	size_t count = 0;
	int result = -1;

	if (prepare(unit, &functions, &count) || (!scalar && cwc_structurize(unit)))
		goto out;
	for (size_t i = 0; i < count; i++) {
		if (scalar && emit_function(unit, functions[i], 1))
			goto out;
		for (unsigned w = 0; !scalar && w < 3; w++)
			if (cwc_library_has_width(unit->options.isa, vector_widths[w]) &&
			    emit_function(unit, functions[i], vector_widths[w]))
				goto out;
	}
	for (size_t i = 0; i < count; i++)
		LLVMReplaceAllUsesWith(functions[i], LLVMGetPoison(LLVMTypeOf(functions[i])));
	for (size_t i = 0; i < count; i++)
		LLVMDeleteFunction(functions[i]);
	result = cwc_object_optimise(unit);
out:
	free(functions);
	return result;
}

static void write_bitcode(LLVMModuleRef module, void **bitcode_out, size_t *bytes_out)
{
	LLVMMemoryBufferRef buffer = LLVMWriteBitcodeToMemoryBuffer(module);

	*bytes_out = LLVMGetBufferSize(buffer);
	*bitcode_out = cwc_alloc(1, *bytes_out);
	memcpy(*bitcode_out, LLVMGetBufferStart(buffer), *bytes_out);
	LLVMDisposeMemoryBuffer(buffer);
}

int cwc_spmd_library(struct cwc_spmd *spmd, enum cwc_isa isa, void **bitcode_out,
		     size_t *bitcode_bytes_out, char **error_out)
{
	struct cwc_spmd_options options = {.isa = isa, .opt_level = 3};
	struct cwc_unit scalar, vector = {0};
	int result = -1;

	*error_out = NULL;
	if (cwc_unit_init(&scalar, spmd, &options) || cwc_unit_init(&vector, spmd, &options))
		goto out;
	if (!spmd->builtins) {
		cwc_fail(&scalar, "there is no builtins.bc");
		goto out;
	}
	if (build(&scalar, true) || build(&vector, false))
		goto out;
	if (LLVMLinkModules2(vector.module, LLVMCloneModule(scalar.module))) {
		cwc_fail(&vector, "the parts of the library do not fit together");
		goto out;
	}
	write_bitcode(vector.module, bitcode_out, bitcode_bytes_out);
	result = 0;
out:
	if (result) {
		*error_out = scalar.error ? scalar.error : vector.error;
		if (scalar.error)
			scalar.error = NULL;
		else
			vector.error = NULL;
	}
	cwc_unit_finish(&scalar);
	cwc_unit_finish(&vector);
	return result;
}
