/* SPDX-License-Identifier: MIT */
/* The public face of the work-group compiler. */
#include "internal.h"

#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "llvm_shim.h"

static int give_error(char **error_out, char *message)
{
	*error_out = message;
	return -1;
}

/* What a unit failed with is the caller's now. */
static int give_unit_error(char **error_out, struct cwc_unit *unit)
{
	char *message = unit->error;

	unit->error = NULL;
	return give_error(error_out, message ? message : strdup("unknown failure"));
}

static LLVMModuleRef load_module(struct cwc_spmd *spmd, const char *path, char **error_out)
{
	LLVMMemoryBufferRef buffer = NULL;
	LLVMModuleRef module = NULL;
	char *message = NULL;

	if (LLVMCreateMemoryBufferWithContentsOfFile(path, &buffer, &message)) {
		if (asprintf(error_out, "%s: %s", path, message) < 0)
			*error_out = NULL;
		LLVMDisposeMessage(message);
		return NULL;
	}
	if (LLVMGetBitcodeModuleInContext2(spmd->context, buffer, &module)) {
		LLVMDisposeMemoryBuffer(buffer);
		if (asprintf(error_out, "%s: not bitcode of this LLVM", path) < 0)
			*error_out = NULL;
		return NULL;
	}
	return module;
}

/* Diagnostics would go to stderr; failures come back through return values. */
static void ignore_diagnostic(LLVMDiagnosticInfoRef info, void *data)
{
	(void)info;
	(void)data;
}

static void initialise_llvm(void)
{
	LLVMInitializeX86TargetInfo();
	LLVMInitializeX86Target();
	LLVMInitializeX86TargetMC();
	LLVMInitializeX86AsmPrinter();
}

static int open_files(struct cwc_spmd *spmd, const struct cwc_spmd_files *files, char **error_out)
{
	if (files->builtins) {
		spmd->builtins = load_module(spmd, files->builtins, error_out);
		if (!spmd->builtins)
			return -1;
	}
	if (files->support) {
		spmd->support = load_module(spmd, files->support, error_out);
		if (!spmd->support)
			return -1;
	}
	for (unsigned i = 0; i <= CWC_ISA_AVX512; i++)
		if (files->library[i])
			spmd->paths[i] = strdup(files->library[i]);
	return 0;
}

int cwc_spmd_init(struct cwc_spmd **spmd_out, const struct cwc_spmd_files *files, char **error_out)
{
	struct cwc_spmd *spmd = calloc(1, sizeof(*spmd));

	*error_out = NULL;
	if (!spmd)
		return -1;
	initialise_llvm();
	spmd->context = LLVMContextCreate();
	LLVMContextSetDiagnosticHandler(spmd->context, ignore_diagnostic, NULL);
	if (open_files(spmd, files, error_out)) {
		cwc_spmd_finish(spmd);
		return -1;
	}
	*spmd_out = spmd;
	return 0;
}

void cwc_spmd_finish(struct cwc_spmd *spmd)
{
	if (!spmd)
		return;
	for (unsigned i = 0; i <= CWC_ISA_AVX512; i++) {
		if (spmd->library[i])
			LLVMDisposeModule(spmd->library[i]);
		free(spmd->paths[i]);
		for (unsigned level = 0; level <= LLVMCodeGenLevelAggressive; level++)
			if (spmd->machines[i][level])
				LLVMDisposeTargetMachine(spmd->machines[i][level]);
	}
	if (spmd->builtins)
		LLVMDisposeModule(spmd->builtins);
	if (spmd->support)
		LLVMDisposeModule(spmd->support);
	LLVMContextDispose(spmd->context);
	free(spmd);
}

LLVMModuleRef cwc_spmd_library_module(struct cwc_spmd *spmd, enum cwc_isa isa)
{
	char *error = NULL;

	if (!spmd->library[isa] && spmd->paths[isa]) {
		spmd->library[isa] = load_module(spmd, spmd->paths[isa], &error);
		free(error);
	}
	return spmd->library[isa];
}

static LLVMModuleRef parse_program(struct cwc_unit *unit, const void *ir, size_t ir_bytes)
{
	/* the module owns the buffer, which refers to the caller's bytes */
	LLVMMemoryBufferRef buffer =
		LLVMCreateMemoryBufferWithMemoryRangeCopy(ir, ir_bytes, "program");
	LLVMModuleRef program = NULL;

	if (LLVMGetBitcodeModuleInContext2(unit->context, buffer, &program)) {
		LLVMDisposeMemoryBuffer(buffer);
		cwc_fail(unit, "the program is not bitcode of this LLVM");
		return NULL;
	}
	return program;
}

/* A library function that is called, not inlined. */
bool cwc_is_heavy(val_t function)
{
	return cwc_has_attribute(function, "noinline");
}

static bool is_inline(LLVMValueRef function, void *data)
{
	(void)data;
	return !cwc_is_heavy(function);
}

int cwc_import(struct cwc_unit *unit, LLVMModuleRef from, bool (*keep)(LLVMValueRef, void *),
	       void *data)
{
	char *message = NULL;

	if (!cwc_llvm_import(unit->module, from, keep, data, &message))
		return 0;
	cwc_fail(unit, "import: %s", message);
	LLVMDisposeMessage(message);
	return -1;
}

/* The kernel and all it needs of the program and the builtins, in the unit's module. */
static val_t import_kernel(struct cwc_unit *unit, LLVMModuleRef program, const char *name)
{
	val_t source = LLVMGetNamedFunction(program, name), kernel;
	struct cwc_spmd *spmd = unit->spmd;
	bool library;

	if (!source || LLVMGetFunctionCallConv(source) != LLVMSPIRKERNELCallConv) {
		cwc_fail(unit, "the program has no kernel '%s'", name);
		return NULL;
	}
	kernel = LLVMAddFunction(unit->module, name, LLVMGlobalGetValueType(source));
	unit->globals = cwc_globals_layout(unit, program);
	if (cwc_import(unit, program, NULL, NULL))
		return NULL;
	cwc_globals_bind(unit);
	/* the name must not meet the entry's */
	LLVMSetValueName2(kernel, "cwc.kernel", strlen("cwc.kernel"));
	library = cwc_spmd_library_module(spmd, unit->options.isa) != NULL;
	if (spmd->builtins && cwc_import(unit, spmd->builtins, library ? is_inline : NULL, NULL))
		return NULL;
	return kernel;
}

static int compile(struct cwc_unit *unit, LLVMModuleRef program, const char *name,
		   void **object_out, size_t *bytes_out)
{
	val_t kernel;

	cwc_lap(unit, "");
	kernel = import_kernel(unit, program, name);
	cwc_lap(unit, "import");

	if (!kernel)
		return -1;
	if (cwc_dumps(unit, "import"))
		LLVMDumpModule(unit->module);
	if (cwc_prepare(unit, kernel))
		return -1;
	if (cwc_dumps(unit, "source"))
		LLVMDumpModule(unit->module);
	if (!cwc_kernel_emit(unit, kernel) || cwc_object_optimise(unit))
		return -1;
	cwc_lap(unit, "own");
	if (cwc_object_emit(unit, object_out, bytes_out))
		return -1;
	cwc_lap(unit, "code generation");
	return 0;
}

static bool width_is_valid(unsigned width)
{
	return !width || width == 1 ||
	       (width >= 4 && width <= CWC_MAX_WIDTH && !(width & (width - 1)));
}

int cwc_spmd_compile(struct cwc_spmd *spmd, const void *ir, size_t ir_bytes, const char *kernel,
		     const struct cwc_spmd_options *options, void **object_out,
		     size_t *object_bytes_out, char **error_out)
{
	struct cwc_unit unit;
	LLVMModuleRef program = NULL;
	int result = -1;

	*error_out = NULL;
	*object_out = NULL;
	*object_bytes_out = 0;
	if (cwc_unit_init(&unit, spmd, options))
		goto out;
	if (!width_is_valid(options->width)) {
		cwc_fail(&unit, "unsupported width %u", options->width);
		goto out;
	}
	program = parse_program(&unit, ir, ir_bytes);
	if (program)
		result = compile(&unit, program, kernel, object_out, object_bytes_out);
out:
	if (result)
		give_unit_error(error_out, &unit);
	if (program)
		LLVMDisposeModule(program);
	cwc_unit_finish(&unit);
	return result;
}

int cwc_spmd_globals(struct cwc_spmd *spmd, const void *ir, size_t ir_bytes, void **object_out,
		     size_t *object_bytes_out, uint64_t *variables_bytes_out, char **error_out)
{
	struct cwc_spmd_options options = {.isa = CWC_ISA_SSE4, .opt_level = 1};
	struct cwc_unit unit;
	LLVMModuleRef program = NULL;
	int result = -1;

	*error_out = NULL;
	*object_out = NULL;
	*object_bytes_out = 0;
	if (cwc_unit_init(&unit, spmd, &options))
		goto out;
	program = parse_program(&unit, ir, ir_bytes);
	if (!program)
		goto out;
	unit.globals = cwc_globals_layout(&unit, program);
	*variables_bytes_out = cwc_globals_bytes(unit.globals);
	result = 0;
	if (*variables_bytes_out) {
		cwc_globals_emit(&unit);
		if (unit.error || cwc_object_emit(&unit, object_out, object_bytes_out))
			result = -1;
	}
out:
	if (result)
		give_unit_error(error_out, &unit);
	if (program)
		LLVMDisposeModule(program);
	cwc_unit_finish(&unit);
	return result;
}
