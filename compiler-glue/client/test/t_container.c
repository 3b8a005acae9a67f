/* SPDX-License-Identifier: MIT */
/* Program IRs and binaries: what is written can be read, what is damaged is refused. */
#include <errno.h>

#include "client/container.h"
#include "client/hash.h"
#include "client/wire.h"
#include "helper.h"

static const struct cwc_arg_info args[] = {
	{"y", "float*", CWC_ARG_GLOBAL, 0x119b, 0x11a3, 0, 8, 0},
	{"n", "uint", CWC_ARG_VALUE, 0x119e, 0x11a3, 1, 4, 8},
};
static const struct cwc_kernel_info kernels[] = {
	{"one", "reqd_work_group_size(8,1,1)", {8, 1, 1}, {0}, 16, 2, args, true, true},
	{"two", "", {0}, {4, 4, 4}, 0, 0, NULL, false, false},
};

static struct cwc_ir *make_ir(void)
{
	struct cwc_ir_facts facts = {
		.kind = CWC_IR_EXECUTABLE,
		.flags = CWC_IR_OPT_DISABLE,
		.globals_bytes = 12,
		.bitcode = "bitcode",
		.bitcode_bytes = 7,
		.globals = "globals!",
		.globals_object_bytes = 8,
		.kernels = kernels,
		.num_kernels = 2,
	};
	struct cwc_writer writer = {0};
	struct cwc_ir *ir = NULL;

	cwc_ir_write(&writer, &facts);
	EXPECT(!writer.failed && !cwc_ir_read(writer.data, writer.bytes, &ir));
	cwc_writer_finish(&writer);
	return ir;
}

static void check_ir(const struct cwc_ir *ir)
{
	const struct cwc_ir_facts *facts = cwc_ir_facts(ir);

	EXPECT(facts->kind == CWC_IR_EXECUTABLE && facts->flags == CWC_IR_OPT_DISABLE);
	EXPECT(facts->bitcode_bytes == 7 && !memcmp(facts->bitcode, "bitcode", 7));
	EXPECT(facts->num_kernels == 2 && !strcmp(facts->kernels[0].name, "one"));
	EXPECT(facts->kernels[0].required_local[0] == 8 && facts->kernels[1].hint_local[2] == 4);
	EXPECT(!strcmp(facts->kernels[0].args[1].type_name, "uint"));
	EXPECT(facts->kernels[0].args[1].offset == 8 && facts->kernels[0].uniform_groups);
	EXPECT(cwc_ir_globals_bytes(ir) == 12);
}

/* Without the seal's help: every byte of an IR set to every of some values. */
static void damage_ir(const struct cwc_ir *ir)
{
	static const unsigned char values[] = {0, 1, 0x7f, 0x80, 0xff};
	size_t bytes;
	const unsigned char *serial = cwc_ir_serial(ir, &bytes);
	unsigned char *copy = malloc(bytes);
	struct cwc_ir *read;

	for (size_t i = 0; i < bytes * sizeof(values); i++) {
		int error;

		memcpy(copy, serial, bytes);
		copy[i / sizeof(values)] = values[i % sizeof(values)];
		error = cwc_ir_read(copy, bytes, &read);
		EXPECT(!error == !!read && (!error || error == -EINVAL || error == -ENOMEM));
		cwc_ir_put(read);
	}
	for (size_t length = 0; length < bytes; length++) {
		EXPECT(cwc_ir_read(serial, length, &read) == -EINVAL);
		cwc_ir_put(read);
	}
	free(copy);
}

static void damage_binary(const unsigned char *binary, size_t bytes)
{
	struct cwc_container *container;
	unsigned char *copy = malloc(bytes);

	for (size_t bit = 0; bit < bytes * 8; bit++) {
		memcpy(copy, binary, bytes);
		copy[bit / 8] ^= 1u << bit % 8;
		EXPECT(cwc_container_read(copy, bytes, &container) == -EINVAL);
	}
	for (size_t length = 0; length < bytes; length++)
		EXPECT(cwc_container_read(binary, length, &container) == -EINVAL);
	EXPECT(cwc_container_read(NULL, 0, &container) == -EINVAL);
	free(copy);
}

int main(void)
{
	struct cwc_container_object object = {"two", {CWC_ISA_AVX2, 8, true}, "code", 4};
	struct cwc_container *container = NULL;
	struct cwc_ir *ir = make_ir();
	void *binary;
	size_t bytes;

	if (!ir)
		return 1;
	check_ir(ir);
	damage_ir(ir);
	EXPECT(!cwc_container_write(ir, &object, 1, &binary, &bytes));
	EXPECT(!cwc_container_read(binary, bytes, &container));
	if (container) {
		check_ir(container->ir);
		EXPECT(!memcmp(cwc_ir_digest(container->ir), cwc_ir_digest(ir), CWC_HASH_BYTES));
		EXPECT(container->num_objects == 1 && container->objects[0].bytes == 4);
		EXPECT(container->objects[0].variant.wide_ids);
		EXPECT(container->objects[0].variant.width == 8);
		EXPECT(!memcmp(container->objects[0].object, "code", 4));
	}
	cwc_container_destroy(container);
	damage_binary(binary, bytes);
	free(binary);
	cwc_ir_put(ir);
	return failures != 0;
}
