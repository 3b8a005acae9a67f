/* SPDX-License-Identifier: MIT */
/*
 * The loader against damaged objects: whatever it is given, it loads it or says
 * no.  Needs the worker to make an object; run it under a sanitizer.
 */
#include <errno.h>

#include "client/loader.h"
#include "helper.h"

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Load a copy that ends where its memory ends, so that a sanitizer sees every step beyond. */
static bool try_load(const unsigned char *object, size_t bytes, bool is_globals)
{
	unsigned char *copy = malloc(bytes ? bytes : 1);
	struct cwc_image *image = NULL;
	void *block = NULL;
	size_t block_bytes = 0;
	int error;

	memcpy(copy, object, bytes);
	if (is_globals)
		error = cwc_globals_load(copy, bytes, &block, &block_bytes);
	else
		error = cwc_image_load(copy, bytes, &image);
	free(copy);
	EXPECT(!error || error == -ENOEXEC || error == -ENOMEM);
	if (!error && is_globals)
		cwc_globals_unload(block, block_bytes);
	else if (!error)
		cwc_image_unload(image);
	return !error;
}

static void fuzz(const void *object, size_t bytes, bool is_globals)
{
	unsigned char *damaged = malloc(bytes);
	unsigned refused = 0, tries = 0;

	EXPECT(try_load(object, bytes, is_globals));
	for (size_t length = 0; length < bytes; length += 1 + length / 16)
		EXPECT(!try_load(object, length, is_globals));
	/* Every bit of the headers, then bytes anywhere. */
	for (size_t bit = 0; bit < 512; bit++, tries++) {
		memcpy(damaged, object, bytes);
		damaged[bit / 8] ^= 1u << bit % 8;
		refused += !try_load(damaged, bytes, is_globals);
	}
	for (; tries < 20000; tries++) {
		unsigned flips = 1 + next_random() % 4;

		memcpy(damaged, object, bytes);
		while (flips--) {
			size_t at = next_random() % bytes;

			/* The section headers are at the end; they are worth more tries. */
			if (next_random() % 2)
				at = bytes - 1 - next_random() % (bytes < 640 ? bytes : 640);
			damaged[at] = next_random() % 3 ? damaged[at] ^ 1u << next_random() % 8
							: next_random();
		}
		refused += !try_load(damaged, bytes, is_globals);
	}
	EXPECT(refused > tries / 20);
	free(damaged);
}

static const char source[] = "global int table[4] = {1, 2, 3, 4};\n"
			     "global int *global place = &table[2];\n"
			     "constant float numbers[5] = {1, 2, 3, 4, 5};\n"
			     "kernel void k(global float *y) {\n"
			     "  y[get_global_id(0)] = numbers[get_global_id(0) % 5] + *place; }\n";

int main(void)
{
	struct cwc_client *client;
	struct cwc_variant variant = {test_isa(), 0, false};
	const struct cwc_ir_facts *facts;
	struct cwc_ir *ir;
	void *object, *block;
	size_t bytes;
	char *log;

	if (!have_compiler())
		return SKIP;
	client = make_client(NULL, 30000);
	ir = build_with(client, source, "-cl-std=CL3.0", &log);
	EXPECT(ir);
	if (!ir) {
		fprintf(stderr, "%s\n", log);
		return 1;
	}
	free(log);
	EXPECT(!cwc_client_codegen(client, ir, "k", &variant, &object, &bytes, &log));
	if (failures) {
		fprintf(stderr, "%s\n", log);
		return 1;
	}
	fuzz(object, bytes, false);
	EXPECT(!try_load(object, bytes, true));
	facts = cwc_ir_facts(ir);
	EXPECT(facts->globals_object_bytes && facts->globals_bytes >= 4 * sizeof(int) + 8);
	fuzz(facts->globals, facts->globals_object_bytes, true);
	EXPECT(!try_load(facts->globals, facts->globals_object_bytes, false));
	EXPECT(!cwc_globals_load(facts->globals, facts->globals_object_bytes, &block, &bytes));
	EXPECT((uintptr_t)block % 4096 == 0);
	cwc_globals_unload(block, bytes);
	free(object);
	free(log);
	cwc_ir_put(ir);
	cwc_client_destroy(client);
	return failures != 0;
}
