/* SPDX-License-Identifier: MIT */
#ifndef CWC_BUILD_H
#define CWC_BUILD_H

#include <llvm-c/Types.h>

#include "client/ir.h"
#include "worker/requests.h"

/*
 * Check @module, make its program-scope variables, and put the program IR into
 * @reply.  @facts has the kind, flags and kernels; the rest is filled here.
 */
void cwc_finish_program(struct cwc_worker *worker, LLVMModuleRef module, struct cwc_ir_facts *facts,
			struct cwc_reply *reply);

#endif
