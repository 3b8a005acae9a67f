/* SPDX-License-Identifier: MIT */
/* The work-group compiler's interface: what it refuses and how, and that it repeats itself. */
#include <elf.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <llvm-c/IRReader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spmd.h"

#define TARGET "target triple = \"spirv64\"\n"
#define GLOBAL "ptr addrspace(1)"

static unsigned failures;

#define EXPECT(condition, ...)                                                                     \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("%s:%d: ", __FILE__, __LINE__);                                     \
			printf(__VA_ARGS__);                                                       \
			printf("\n");                                                              \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

/* Bitcode of IR text; the result is to be disposed of. */
static LLVMMemoryBufferRef assemble(const char *text)
{
	LLVMContextRef context = LLVMContextCreate();
	LLVMMemoryBufferRef source, result = NULL;
	LLVMModuleRef module;
	char *message = NULL;

	source = LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "test");
	if (LLVMParseIRInContext(context, source, &module, &message)) {
		printf("bad test: %s\n", message);
		exit(1);
	}
	result = LLVMWriteBitcodeToMemoryBuffer(module);
	LLVMDisposeModule(module);
	LLVMContextDispose(context);
	return result;
}

/* Compile kernel k of @text; the object, or NULL with the error. */
static void *compile(struct cwc_spmd *spmd, const char *text,
		     const struct cwc_spmd_options *options, size_t *bytes, char **error)
{
	LLVMMemoryBufferRef ir = assemble(text);
	void *object = NULL;

	cwc_spmd_compile(spmd, LLVMGetBufferStart(ir), LLVMGetBufferSize(ir), "k", options, &object,
			 bytes, error);
	LLVMDisposeMemoryBuffer(ir);
	return object;
}

static const char recursive[] = TARGET
	"define spir_func i32 @f(i32 %x) {\n %c = icmp eq i32 %x, 0\n br i1 %c, label %a, label %b\n"
	"a:\n ret i32 1\nb:\n %y = sub i32 %x, 1\n %z = call spir_func i32 @f(i32 %y)\n ret i32 %z\n}\n"
	"define spir_kernel void @k(" GLOBAL " %p) {\n %v = call spir_func i32 @f(i32 9)\n"
	" store i32 %v, " GLOBAL " %p\n ret void\n}\n";
static const char indirect[] =
	TARGET "define spir_kernel void @k(" GLOBAL " %p) {\n %f = load ptr, " GLOBAL " %p\n"
	       " call spir_func void %f()\n ret void\n}\n";
static const char undefined[] =
	TARGET "declare spir_func void @nowhere()\n"
	       "define spir_kernel void @k() {\n call spir_func void @nowhere()\n ret void\n}\n";
static const char not_a_kernel[] = TARGET "define spir_func void @k() {\n ret void\n}\n";
static const char assembly[] = TARGET
	"define spir_kernel void @k() {\n call void asm sideeffect \"nop\", \"\"()\n ret void\n}\n";

/* An intrinsic that gives a value, but takes none. */
static const char bare_intrinsic[] = TARGET "declare i64 @llvm.readcyclecounter()\n"
					    "define spir_kernel void @k(" GLOBAL
					    " %p) {\n %v = call i64 @llvm.readcyclecounter()\n"
					    " store i64 %v, " GLOBAL " %p\n ret void\n}\n";

static void test_refusals(struct cwc_spmd *spmd)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{recursive, "recursive"}, {indirect, "function pointers"},
		{undefined, "nowhere"},	  {not_a_kernel, "no kernel"},
		{assembly, "assembly"},	  {bare_intrinsic, "readcyclecounter"},
	};
	struct cwc_spmd_options options = {.isa = CWC_ISA_SSE4, .opt_level = 3};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *error = NULL;
		size_t bytes;
		void *object = compile(spmd, cases[i].text, &options, &bytes, &error);

		EXPECT(!object && error && strstr(error, cases[i].says),
		       "expected a refusal with '%s', got '%s'", cases[i].says,
		       error ? error : "(nothing)");
		free(object);
		free(error);
	}
}

static const char add_one[] =
	TARGET "declare spir_func i64 @_Z13get_global_idj(i32) memory(none) convergent nounwind\n"
	       "define spir_kernel void @k(" GLOBAL " %p) {\n"
	       " %i = call spir_func i64 @_Z13get_global_idj(i32 0)\n"
	       " %q = getelementptr i32, " GLOBAL " %p, i64 %i\n %v = load i32, " GLOBAL " %q\n"
	       " %w = add i32 %v, 1\n store i32 %w, " GLOBAL " %q\n ret void\n}\n";

static void test_options(struct cwc_spmd *spmd)
{
	static const struct cwc_spmd_options bad[] = {
		{.isa = CWC_ISA_SSE4, .width = 3},
		{.isa = CWC_ISA_SSE4, .width = 128},
		{.isa = CWC_ISA_NONE},
		/* NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): what is refused */
		{.isa = (enum cwc_isa)9},
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *error = NULL;
		size_t bytes;
		void *object = compile(spmd, add_one, &bad[i], &bytes, &error);

		EXPECT(!object && error, "options %u were taken", i);
		free(object);
		free(error);
	}
}

static void test_bad_bitcode(struct cwc_spmd *spmd)
{
	struct cwc_spmd_options options = {.isa = CWC_ISA_AVX2, .opt_level = 3};
	char *error = NULL;
	void *object = NULL;
	size_t bytes;

	EXPECT(cwc_spmd_compile(spmd, "not bitcode", 11, "k", &options, &object, &bytes, &error) &&
		       !object && error,
	       "garbage was compiled");
	free(error);
}

static void test_repeats(struct cwc_spmd *spmd)
{
	for (int isa = CWC_ISA_SSE4; isa <= CWC_ISA_AVX512; isa++) {
		struct cwc_spmd_options options = {.isa = (enum cwc_isa)isa, .opt_level = 3};
		char *error = NULL;
		size_t first_bytes = 0, second_bytes = 0;
		void *first = compile(spmd, add_one, &options, &first_bytes, &error), *second;

		EXPECT(first && !error, "%s: %s", cwc_isa_name(options.isa), error ? error : "?");
		free(error);
		second = compile(spmd, add_one, &options, &second_bytes, &error);
		EXPECT(first && second && first_bytes == second_bytes &&
			       !memcmp(first, second, first_bytes),
		       "%s: two compiles differ", cwc_isa_name(options.isa));
		EXPECT(first && first_bytes > sizeof(Elf64_Ehdr) && !memcmp(first, ELFMAG, SELFMAG),
		       "%s: no ELF object", cwc_isa_name(options.isa));
		free(first);
		free(second);
		free(error);
	}
}

static const char variables[] =
	TARGET "@a = addrspace(1) global i32 7\n@b = addrspace(1) global " GLOBAL " @a\n"
	       "@c = addrspace(2) constant [3 x i32] [i32 1, i32 2, i32 3]\n"
	       "define spir_kernel void @k() {\n ret void\n}\n";

static void test_globals(struct cwc_spmd *spmd)
{
	LLVMMemoryBufferRef ir = assemble(variables);
	void *object = NULL;
	size_t bytes = 0;
	uint64_t size = 0;
	char *error = NULL;

	EXPECT(!cwc_spmd_globals(spmd, LLVMGetBufferStart(ir), LLVMGetBufferSize(ir), &object,
				 &bytes, &size, &error) &&
		       object && size == 16,
	       "block of %llu bytes, %s", (unsigned long long)size, error ? error : "no error");
	free(object);
	free(error);
	LLVMDisposeMemoryBuffer(ir);
	ir = assemble(add_one);
	EXPECT(!cwc_spmd_globals(spmd, LLVMGetBufferStart(ir), LLVMGetBufferSize(ir), &object,
				 &bytes, &size, &error) &&
		       !object && !size,
	       "a block where no variables are");
	free(error);
	LLVMDisposeMemoryBuffer(ir);
}

int main(void)
{
	struct cwc_spmd_files files = {0};
	struct cwc_spmd *spmd = NULL;
	char *error = NULL;

	if (cwc_spmd_init(&spmd, &files, &error)) {
		printf("init: %s\n", error ? error : "out of memory");
		return 1;
	}
	test_refusals(spmd);
	test_options(spmd);
	test_bad_bitcode(spmd);
	test_repeats(spmd);
	test_globals(spmd);
	cwc_spmd_finish(spmd);
	return failures ? 1 : 0;
}
