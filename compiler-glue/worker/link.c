/* SPDX-License-Identifier: MIT */
/* CWC_LINK: program IRs to one program IR. */
#include <llvm-c/BitReader.h>
#include <llvm-c/Core.h>
#include <llvm-c/Linker.h>
#include <stdlib.h>
#include <string.h>

#include "client/ir.h"
#include "front/log.h"
#include "worker/build.h"
#include "worker/requests.h"

/*
 * struct link - programs being linked.
 * @irs: the inputs, @count of them.
 * @kernels: the kernels of all of them, @num_kernels.
 */
struct link {
	uint32_t kind;
	unsigned count;
	struct cwc_ir **irs;
	struct cwc_kernel_info *kernels;
	unsigned num_kernels;
};

static bool read_link(struct cwc_reader *in, struct link *link)
{
	unsigned count;

	link->kind = cwc_get_u32(in);
	count = cwc_get_count(in, sizeof(uint64_t));
	link->irs = calloc(count + 1, sizeof(*link->irs));
	if (!link->irs)
		return false;
	for (; link->count < count; link->count++) {
		size_t bytes;
		const void *serial = cwc_get_blob(in, &bytes);

		if (cwc_ir_read(serial, bytes, &link->irs[link->count]))
			return false;
	}
	return count && cwc_reader_is_done(in) &&
	       (link->kind == CWC_IR_LIBRARY || link->kind == CWC_IR_EXECUTABLE);
}

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *log)
{
	char *text = LLVMGetDiagInfoDescription(info);

	cwc_log_add(log, "%s: %s\n",
		    LLVMGetDiagInfoSeverity(info) == LLVMDSError ? "error" : "warning", text);
	LLVMDisposeMessage(text);
}

static LLVMModuleRef parse(LLVMContextRef context, const struct cwc_ir *ir, struct cwc_writer *log)
{
	const struct cwc_ir_facts *facts = cwc_ir_facts(ir);
	LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(
		facts->bitcode, facts->bitcode_bytes, "program");
	LLVMModuleRef module = NULL;

	if (LLVMParseBitcodeInContext2(context, buffer, &module)) {
		cwc_log_add(log, "error: a program's binary holds no valid bitcode\n");
		module = NULL;
	}
	LLVMDisposeMemoryBuffer(buffer);
	return module;
}

/* One module of all inputs, or NULL with the reason in @log. */
static LLVMModuleRef link_modules(LLVMContextRef context, const struct link *link,
				  struct cwc_writer *log)
{
	LLVMModuleRef whole = NULL;

	for (unsigned i = 0; i < link->count; i++) {
		LLVMModuleRef part = parse(context, link->irs[i], log);

		if (part && !whole) {
			whole = part;
		} else if (!part || LLVMLinkModules2(whole, part)) {
			if (whole)
				LLVMDisposeModule(whole);
			return NULL;
		}
	}
	return whole;
}

static bool gather_kernels(struct link *link, uint32_t *flags_out)
{
	unsigned total = 0, count;

	for (unsigned i = 0; i < link->count; i++) {
		cwc_ir_kernels(link->irs[i], &count);
		total += count;
		*flags_out |= cwc_ir_facts(link->irs[i])->flags;
	}
	link->kernels = calloc(total + 1, sizeof(*link->kernels));
	if (!link->kernels)
		return false;
	for (unsigned i = 0; i < link->count; i++) {
		const struct cwc_kernel_info *kernels = cwc_ir_kernels(link->irs[i], &count);

		if (count)
			memcpy(link->kernels + link->num_kernels, kernels,
			       count * sizeof(*kernels));
		link->num_kernels += count;
	}
	return true;
}

static void link_program(struct cwc_worker *worker, struct link *link, struct cwc_reply *reply)
{
	LLVMContextRef context = LLVMContextCreate();
	struct cwc_ir_facts facts = {.kind = link->kind};
	LLVMModuleRef module;

	LLVMContextSetDiagnosticHandler(context, on_diagnostic, &reply->log);
	module = link_modules(context, link, &reply->log);
	if (module && gather_kernels(link, &facts.flags)) {
		facts.kernels = link->kernels;
		facts.num_kernels = link->num_kernels;
		cwc_finish_program(worker, module, &facts, reply);
	}
	if (module)
		LLVMDisposeModule(module);
	LLVMContextDispose(context);
}

void cwc_do_link(struct cwc_worker *worker, struct cwc_reader *in, struct cwc_reply *reply)
{
	struct link link = {0};

	if (read_link(in, &link))
		link_program(worker, &link, reply);
	else
		cwc_log_add(&reply->log, "error: malformed request\n");
	for (unsigned i = 0; i < link.count; i++)
		cwc_ir_put(link.irs[i]);
	free(link.irs);
	free(link.kernels);
}
