/* SPDX-License-Identifier: MIT */
/* What OpenCL C forbids and the front end may let through: recursion, function pointers. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* A function on the way down from the kernel. */
struct caller {
	val_t function;
	const struct caller *above;
};

/* Functions that have been found good. */
struct checked {
	val_t *functions;
	size_t count, room;
};

static bool is_checked(const struct checked *checked, val_t function)
{
	for (size_t i = 0; i < checked->count; i++)
		if (checked->functions[i] == function)
			return true;
	return false;
}

static void set_checked(struct checked *checked, val_t function)
{
	if (checked->count == checked->room) {
		val_t *larger;

		checked->room = 2 * checked->room + 16;
		larger = realloc(checked->functions, checked->room * sizeof(*larger));
		if (!larger)
			abort();
		checked->functions = larger;
	}
	checked->functions[checked->count++] = function;
}

static bool is_calling(const struct caller *caller, val_t function)
{
	for (; caller; caller = caller->above)
		if (caller->function == function)
			return true;
	return false;
}

static int check_function(struct cwc_unit *unit, struct checked *checked, val_t function,
			  const struct caller *above);

static int check_call(struct cwc_unit *unit, struct checked *checked, val_t call,
		      const struct caller *caller)
{
	val_t callee = LLVMGetCalledValue(call);

	if (LLVMIsAInlineAsm(callee)) {
		cwc_fail(unit, "inline assembly is not supported");
		return -1;
	}
	if (!LLVMIsAFunction(callee)) {
		cwc_fail(unit,
			 "function '%s' makes an indirect call: function pointers are not "
			 "supported",
			 cwc_name(caller->function));
		return -1;
	}
	if (is_calling(caller, callee)) {
		cwc_fail(unit, "function '%s' is recursive", cwc_name(callee));
		return -1;
	}
	return check_function(unit, checked, callee, caller);
}

static int check_function(struct cwc_unit *unit, struct checked *checked, val_t function,
			  const struct caller *above)
{
	struct caller caller = {function, above};

	if (LLVMIsDeclaration(function) || is_checked(checked, function))
		return 0;
	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block))
		for (val_t inst = LLVMGetFirstInstruction(block); inst;
		     inst = LLVMGetNextInstruction(inst)) {
			LLVMOpcode opcode = LLVMGetInstructionOpcode(inst);

			if (opcode == LLVMInvoke || opcode == LLVMIndirectBr ||
			    opcode == LLVMCallBr) {
				cwc_fail(unit, "unsupported control flow in '%s'",
					 cwc_name(function));
				return -1;
			}
			if (opcode == LLVMCall && check_call(unit, checked, inst, &caller))
				return -1;
		}
	set_checked(checked, function);
	return 0;
}

/* Check all that @root calls; -1 with a message in the unit. */
int cwc_check_calls(struct cwc_unit *unit, val_t root)
{
	struct checked checked = {0};
	int result = check_function(unit, &checked, root, NULL);

	free(checked.functions);
	return result;
}
