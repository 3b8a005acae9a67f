/* SPDX-License-Identifier: MIT */
/* The long-lived part of the work-group compiler. */
#ifndef CWC_SPMD_CONTEXT_H
#define CWC_SPMD_CONTEXT_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "spmd.h"

/*
 * struct cwc_spmd - an LLVM context and the library modules in it.
 * @context: LLVM's.
 * @builtins: builtins.bc, lazily loaded, or NULL.
 * @library: builtins.<isa>.bc by enum cwc_isa, lazily loaded on first use.
 * @support: support.bc.
 * @paths: of @library, malloc'd.
 * @machines: target machines by enum cwc_isa and LLVMCodeGenOptLevel, made on first use:
 *	each knows its instruction set by then, which takes longer than a small kernel.
 */
struct cwc_spmd {
	LLVMContextRef context;
	LLVMModuleRef builtins;
	LLVMModuleRef library[CWC_ISA_AVX512 + 1];
	LLVMModuleRef support;
	char *paths[CWC_ISA_AVX512 + 1];
	LLVMTargetMachineRef machines[CWC_ISA_AVX512 + 1][LLVMCodeGenLevelAggressive + 1];
};

/* The library of @isa, loaded now if it was not; NULL when there is none. */
LLVMModuleRef cwc_spmd_library_module(struct cwc_spmd *spmd, enum cwc_isa isa);

#endif
