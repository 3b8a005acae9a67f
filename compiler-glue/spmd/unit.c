/* SPDX-License-Identifier: MIT */
/* One compilation: its types, target machine, errors and pass runs. */
#include "internal.h"

#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "context.h"
#include "llvm_shim.h"

#define TRIPLE "x86_64-unknown-linux-gnu"

void cwc_fail(struct cwc_unit *unit, const char *format, ...)
{
	va_list args;

	if (unit->error)
		return;
	va_start(args, format);
	if (vasprintf(&unit->error, format, args) < 0)
		unit->error = strdup("out of memory");
	va_end(args);
}

/* The compile worker has nothing to fall back on without memory, nor has LLVM. */
void *cwc_alloc(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		abort();
	return memory;
}

bool cwc_dumps(const struct cwc_unit *unit, const char *stage)
{
	return unit->options.dump && strstr(unit->options.dump, stage);
}

static const char *cpu_of(enum cwc_isa isa)
{
	switch (isa) {
	case CWC_ISA_NONE:
		break;
	case CWC_ISA_SSE4:
		return "x86-64-v2";
	case CWC_ISA_AVX2:
		return "x86-64-v3";
	case CWC_ISA_AVX512:
		return "x86-64-v4";
	}
	return NULL;
}

const char *cwc_isa_name(enum cwc_isa isa)
{
	switch (isa) {
	case CWC_ISA_NONE:
		break;
	case CWC_ISA_SSE4:
		return "sse4";
	case CWC_ISA_AVX2:
		return "avx2";
	case CWC_ISA_AVX512:
		return "avx512";
	}
	return NULL;
}

void cwc_set_target(struct cwc_unit *unit, val_t function)
{
	cwc_string_attribute(unit, function, "target-cpu", cpu_of(unit->options.isa));
	cwc_string_attribute(unit, function, "min-legal-vector-width", "512");
	cwc_string_attribute(unit, function, "no-builtins", "");
	if (unit->options.isa == CWC_ISA_AVX512)
		cwc_string_attribute(unit, function, "prefer-vector-width", "512");
}

static void make_types(struct cwc_unit *unit)
{
	LLVMContextRef context = unit->context;

	unit->i1 = LLVMInt1TypeInContext(context);
	unit->i8 = LLVMInt8TypeInContext(context);
	unit->i16 = LLVMInt16TypeInContext(context);
	unit->i32 = LLVMInt32TypeInContext(context);
	unit->i64 = LLVMInt64TypeInContext(context);
	unit->f32 = LLVMFloatTypeInContext(context);
	unit->f64 = LLVMDoubleTypeInContext(context);
	unit->ptr = LLVMPointerTypeInContext(context, 0);
	unit->void_type = LLVMVoidTypeInContext(context);
}

static LLVMTargetMachineRef make_machine(struct cwc_unit *unit, LLVMCodeGenOptLevel level)
{
	LLVMTargetMachineOptionsRef options = LLVMCreateTargetMachineOptions();
	LLVMTargetMachineRef machine = NULL;
	LLVMTargetRef target;
	char *message = NULL;

	if (LLVMGetTargetFromTriple(TRIPLE, &target, &message)) {
		cwc_fail(unit, "no x86-64 target: %s", message);
		LLVMDisposeMessage(message);
		goto out;
	}
	LLVMTargetMachineOptionsSetCPU(options, cpu_of(unit->options.isa));
	LLVMTargetMachineOptionsSetCodeGenOptLevel(options, level);
	LLVMTargetMachineOptionsSetRelocMode(options, LLVMRelocPIC);
	LLVMTargetMachineOptionsSetCodeModel(options, LLVMCodeModelSmall);
	machine = LLVMCreateTargetMachineWithOptions(target, TRIPLE, options);
	if (machine)
		cwc_llvm_want_stack_sizes(machine);
	else
		cwc_fail(unit, "no target machine for %s", cpu_of(unit->options.isa));
out:
	LLVMDisposeTargetMachineOptions(options);
	return machine;
}

/* The context's machine for the unit's instruction set and optimisation level. */
static LLVMTargetMachineRef find_machine(struct cwc_unit *unit)
{
	unsigned opt_level = unit->options.opt_level;
	LLVMCodeGenOptLevel level = opt_level > 2 ? LLVMCodeGenLevelAggressive
				    : opt_level	  ? LLVMCodeGenLevelDefault
						  : LLVMCodeGenLevelNone;
	LLVMTargetMachineRef *place = &unit->spmd->machines[unit->options.isa][level];

	if (!*place)
		*place = make_machine(unit, level);
	return *place;
}

int cwc_unit_init(struct cwc_unit *unit, struct cwc_spmd *spmd,
		  const struct cwc_spmd_options *options)
{
	*unit = (struct cwc_unit){.spmd = spmd, .options = *options, .context = spmd->context};
	LLVMContextSetDiscardValueNames(unit->context, !options->dump);
	make_types(unit);
	if (!cpu_of(options->isa)) {
		cwc_fail(unit, "unknown instruction set %d", (int)options->isa);
		return -1;
	}
	unit->machine = find_machine(unit);
	if (!unit->machine)
		return -1;
	unit->layout = LLVMCreateTargetDataLayout(unit->machine);
	unit->builder = LLVMCreateBuilderInContext(unit->context);
	unit->module = LLVMModuleCreateWithNameInContext("kernel", unit->context);
	LLVMSetTarget(unit->module, TRIPLE);
	LLVMSetModuleDataLayout(unit->module, unit->layout);
	return 0;
}

void cwc_unit_finish(struct cwc_unit *unit)
{
	cwc_globals_layout_free(unit->globals);
	if (unit->builder)
		LLVMDisposeBuilder(unit->builder);
	if (unit->module)
		LLVMDisposeModule(unit->module);
	if (unit->layout)
		LLVMDisposeTargetData(unit->layout);
	free(unit->error);
}

/* With the dump stage "time": CPU time since the last call, on stderr. */
void cwc_lap(struct cwc_unit *unit, const char *what)
{
	struct timespec now;
	double ms;

	if (!cwc_dumps(unit, "time"))
		return;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	ms = (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
	if (unit->lap_ms > 0)
		fprintf(stderr, "%7.2f ms %.60s\n", ms - unit->lap_ms, what);
	unit->lap_ms = ms;
}

int cwc_run_passes(struct cwc_unit *unit, const char *passes)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error;

	cwc_lap(unit, "own");
	LLVMPassBuilderOptionsSetLoopVectorization(options, 0);
	LLVMPassBuilderOptionsSetSLPVectorization(options, 0);
	LLVMPassBuilderOptionsSetLoopUnrolling(options, 1);
	/*
	 * No type-based aliasing: too many kernels look at memory through pointers of
	 * another type.
	 */
	LLVMPassBuilderOptionsSetAAPipeline(options, "basic-aa,scoped-noalias-aa,globals-aa");
	error = LLVMRunPasses(unit->module, passes, unit->machine, options);
	LLVMDisposePassBuilderOptions(options);
	cwc_lap(unit, passes);
	if (error) {
		char *message = LLVMGetErrorMessage(error);

		cwc_fail(unit, "passes: %s", message);
		LLVMDisposeErrorMessage(message);
		return -1;
	}
	return 0;
}
