/* SPDX-License-Identifier: MIT */
/*
 * From what the front end emitted to the canonical scalar form: one function, no
 * calls but those that emission knows, no switches, one return, simple loops.
 */
#include "internal.h"

#include <string.h>

#include "llvm_shim.h"

/* Inline, lift memory to values, simplify loops. */
#define SCALAR_PASSES                                                                              \
	"always-inline,"                                                                           \
	"function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,"             \
	"loop-mssa(loop-rotate,licm),loop(indvars,loop-deletion,loop-unroll-full),sroa,"           \
	"scalarizer,early-cse<memssa>,instcombine<no-verify-fixpoint>,"                            \
	"simplifycfg<hoist-common-insts>)"

#define CANONICAL_PASSES                                                                           \
	"function(lower-switch,mergereturn,loop-simplify,fix-irreducible,loop-simplify,lcssa)"

/* Every varying branch skips a region or closes a loop. */
#define STRUCTURED_PASSES "function(unify-loop-exits,structurizecfg,early-cse,loop-simplify,lcssa)"

/* All but the kernel become parts of it. */
static void inline_everything(struct cwc_unit *unit, val_t kernel)
{
	for (val_t function = LLVMGetFirstFunction(unit->module); function;
	     function = LLVMGetNextFunction(function)) {
		if (LLVMIsDeclaration(function) || function == kernel)
			continue;
		LLVMSetLinkage(function, LLVMInternalLinkage);
		cwc_remove_attribute(function, "noinline");
		cwc_remove_attribute(function, "optnone");
		cwc_attribute(unit, function, "alwaysinline");
	}
	cwc_remove_attribute(kernel, "noinline");
	cwc_remove_attribute(kernel, "optnone");
}

/* Nothing may be known of what comes after undefined behaviour: end the work-item there. */
static void end_at_unreachable(struct cwc_unit *unit, val_t function)
{
	type_t type = LLVMGetReturnType(LLVMGlobalGetValueType(function));

	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block)) {
		val_t terminator = LLVMGetBasicBlockTerminator(block);

		if (LLVMGetInstructionOpcode(terminator) != LLVMUnreachable)
			continue;
		LLVMPositionBuilderBefore(unit->builder, terminator);
		if (type == unit->void_type)
			LLVMBuildRetVoid(unit->builder);
		else
			LLVMBuildRet(unit->builder, LLVMGetPoison(type));
		LLVMInstructionEraseFromParent(terminator);
	}
}

static val_t first_memory_call(val_t function)
{
	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block))
		for (val_t inst = LLVMGetFirstInstruction(block); inst;
		     inst = LLVMGetNextInstruction(inst))
			if (LLVMGetInstructionOpcode(inst) == LLVMCall &&
			    (!strncmp(cwc_callee(inst), "llvm.memcpy.", 12) ||
			     !strncmp(cwc_callee(inst), "llvm.memmove.", 13) ||
			     !strncmp(cwc_callee(inst), "llvm.memset.", 12)))
				return inst;
	return NULL;
}

/* Copies of structures and arrays that could not be lifted become loops. */
static void expand_memory_calls(struct cwc_unit *unit, val_t function)
{
	val_t call, previous = NULL;

	while ((call = first_memory_call(function)) != NULL) {
		if (call == previous) {
			cwc_fail(unit, "this memory copy is not supported");
			return;
		}
		previous = call;
		cwc_llvm_expand_memory_call(call, unit->machine);
	}
}

/* Replace in @function what the canonical passes cannot. */
int cwc_canonicalise_calls(struct cwc_unit *unit, val_t function)
{
	expand_memory_calls(unit, function);
	end_at_unreachable(unit, function);
	cwc_narrow(unit, function);
	return unit->error ? -1 : 0;
}

/* Bring all functions to the form that cwc_cfg_build() wants. */
int cwc_canonical_passes(struct cwc_unit *unit)
{
	return cwc_run_passes(unit, CANONICAL_PASSES);
}

/* CWC_CONSTANT_NAMES: what depends on the instruction set alone. */
static void define_constants(struct cwc_unit *unit)
{
	val_t function = LLVMGetNamedFunction(unit->module, "__cw_has_fma");

	if (!function || !LLVMIsDeclaration(function))
		return;
	LLVMPositionBuilderAtEnd(unit->builder,
				 LLVMAppendBasicBlockInContext(unit->context, function, ""));
	LLVMBuildRet(unit->builder, cwc_int(unit->i32, unit->options.isa >= CWC_ISA_AVX2));
	LLVMSetLinkage(function, LLVMInternalLinkage);
	cwc_remove_attribute(function, "noinline");
	cwc_attribute(unit, function, "alwaysinline");
}

int cwc_scalar_passes(struct cwc_unit *unit)
{
	define_constants(unit);
	return cwc_run_passes(unit, SCALAR_PASSES);
}

/* An operation that may be free: the only ones that structurizecfg moves. */
static bool may_be_free(val_t value)
{
	if (!LLVMIsAInstruction(value))
		return false;
	switch (LLVMGetInstructionOpcode(value)) {
	case LLVMGetElementPtr:
	case LLVMFreeze:
	case LLVMExtractValue:
	case LLVMInsertValue:
	case LLVMExtractElement:
	case LLVMInsertElement:
	case LLVMShuffleVector:
		return true;
	default:
		return LLVMIsACastInst(value) != NULL;
	}
}

static bool uses_block(val_t inst, LLVMBasicBlockRef block)
{
	for (int i = 0; i < LLVMGetNumOperands(inst); i++) {
		val_t operand = LLVMGetOperand(inst, (unsigned)i);

		if (LLVMIsAInstruction(operand) && LLVMGetInstructionParent(operand) == block)
			return true;
	}
	return false;
}

static void pin_value(struct cwc_unit *unit, val_t value, LLVMBasicBlockRef block)
{
	if (!may_be_free(value) || LLVMGetInstructionParent(value) != block ||
	    uses_block(value, block))
		return;
	for (int i = 0; i < LLVMGetNumOperands(value); i++) {
		val_t operand = LLVMGetOperand(value, (unsigned)i);

		if (LLVMIsAConstant(operand))
			continue;
		LLVMPositionBuilderBefore(unit->builder, value);
		LLVMSetOperand(value, (unsigned)i, LLVMBuildFreeze(unit->builder, operand, ""));
		return;
	}
}

/*
 * structurizecfg hoists a free operation out of the block that a phi has it from, and then
 * takes it for the phi's value on another path too: wrong in LLVM 22.  It leaves alone what
 * uses a value of the same block, so each gets one.
 */
static void pin_phi_values(struct cwc_unit *unit, val_t function)
{
	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block))
		for (val_t phi = LLVMGetFirstInstruction(block); phi && LLVMIsAPHINode(phi);
		     phi = LLVMGetNextInstruction(phi))
			for (unsigned i = 0; i < LLVMCountIncoming(phi); i++)
				pin_value(unit, LLVMGetIncomingValue(phi, i),
					  LLVMGetIncomingBlock(phi, i));
}

int cwc_structurize(struct cwc_unit *unit)
{
	for (val_t function = LLVMGetFirstFunction(unit->module); function;
	     function = LLVMGetNextFunction(function))
		pin_phi_values(unit, function);
	return cwc_run_passes(unit, STRUCTURED_PASSES);
}

int cwc_prepare(struct cwc_unit *unit, val_t kernel)
{
	if (cwc_check_calls(unit, kernel))
		return -1;
	inline_everything(unit, kernel);
	cwc_limit_work_items(unit);
	if (cwc_scalar_passes(unit))
		return -1;
	if (cwc_canonicalise_calls(unit, kernel))
		return -1;
	return cwc_canonical_passes(unit);
}
