/* SPDX-License-Identifier: MIT */
/* What the LLVM-C API lacks, in C++ behind C names. */
#ifndef CWC_LLVM_SHIM_H
#define CWC_LLVM_SHIM_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Copy into @to what its declarations name and @from defines, with all that
 * this needs in turn; the copies are internal.  @keep decides by the source function
 * and @data whether its body is wanted (NULL: always).  @from is only read, apart from
 * loading lazy bodies; both must share a context.  Variables outside the
 * constant and local address spaces come without their initialiser.  0, or -1 with
 * a message to be freed with LLVMDisposeMessage().
 */
int cwc_llvm_import(LLVMModuleRef to, LLVMModuleRef from,
		    bool (*keep)(LLVMValueRef function, void *data), void *data, char **error_out);

/* Turn the memcpy, memmove or memset call @call into a loop; no-op on others. */
void cwc_llvm_expand_memory_call(LLVMValueRef call, LLVMTargetMachineRef machine);

/* The loop that the branch @latch closes is not to be unrolled. */
void cwc_llvm_keep_rolled(LLVMValueRef latch);

/* Ask @machine to write .stack_sizes. */
void cwc_llvm_want_stack_sizes(LLVMTargetMachineRef machine);

#ifdef __cplusplus
}
#endif

#endif
