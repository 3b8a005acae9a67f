/* SPDX-License-Identifier: MIT */
#include "client/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/hash.h"
#include "client/wire.h"

#define CONTAINER_VERSION 1u
/* The least that one object takes. */
#define OBJECT_LEAST	  28u

/* struct head - what a binary begins with; @seal is the hash of the rest. */
struct head {
	char magic[8];
	uint32_t version;
	uint32_t pad;
	uint64_t bytes;
	unsigned char seal[CWC_HASH_BYTES];
};

static const char magic[8] = {'C', 'W', 'P', 'R', 'O', 'G', 'R', 'M'};

int cwc_container_write(const struct cwc_ir *ir, const struct cwc_container_object *objects,
			unsigned num_objects, void **data_out, size_t *bytes_out)
{
	struct head head = {.version = CONTAINER_VERSION};
	struct cwc_writer out = {0};
	size_t bytes;
	const void *serial = cwc_ir_serial(ir, &bytes);

	cwc_put_raw(&out, &head, sizeof(head));
	cwc_put_blob(&out, serial, bytes);
	cwc_put_u32(&out, num_objects);
	for (unsigned i = 0; i < num_objects; i++) {
		cwc_put_string(&out, objects[i].kernel);
		cwc_put_u32(&out, objects[i].variant.isa);
		cwc_put_u32(&out, objects[i].variant.width);
		cwc_put_u32(&out, objects[i].variant.wide_ids);
		cwc_put_blob(&out, objects[i].object, objects[i].bytes);
	}
	if (out.failed) {
		cwc_writer_finish(&out);
		return -ENOMEM;
	}
	memcpy(head.magic, magic, sizeof(magic));
	head.bytes = out.bytes - sizeof(head);
	cwc_hash_of(out.data + sizeof(head), head.bytes, head.seal);
	memcpy(out.data, &head, sizeof(head));
	*data_out = out.data;
	*bytes_out = out.bytes;
	return 0;
}

static bool head_is_good(const void *data, size_t bytes)
{
	unsigned char seal[CWC_HASH_BYTES];
	struct head head;

	if (!data || bytes < sizeof(head))
		return false;
	memcpy(&head, data, sizeof(head));
	if (memcmp(head.magic, magic, sizeof(magic)) != 0 || head.version != CONTAINER_VERSION ||
	    head.pad || head.bytes != bytes - sizeof(head))
		return false;
	cwc_hash_of((const char *)data + sizeof(head), head.bytes, seal);
	return !memcmp(seal, head.seal, sizeof(seal));
}

static bool read_object(struct cwc_reader *in, struct cwc_container_object *object)
{
	object->kernel = cwc_get_string(in);
	object->variant.isa = cwc_get_u32(in);
	object->variant.width = cwc_get_u32(in);
	object->variant.wide_ids = cwc_get_u32(in);
	object->object = cwc_get_blob(in, &object->bytes);
	return !in->failed && object->kernel && object->bytes;
}

static int read_content(struct cwc_container *container, size_t bytes)
{
	struct cwc_reader in = cwc_reader_of((char *)container->data + sizeof(struct head),
					     bytes - sizeof(struct head));
	size_t serial_bytes;
	const void *serial = cwc_get_blob(&in, &serial_bytes);
	int error = cwc_ir_read(serial, serial_bytes, &container->ir);

	if (error)
		return error;
	container->num_objects = cwc_get_count(&in, OBJECT_LEAST);
	container->objects = calloc(container->num_objects + 1, sizeof(*container->objects));
	if (!container->objects)
		return -ENOMEM;
	for (unsigned i = 0; i < container->num_objects; i++) {
		if (!read_object(&in, &container->objects[i]))
			return -EINVAL;
	}
	return cwc_reader_is_done(&in) ? 0 : -EINVAL;
}

int cwc_container_read(const void *data, size_t bytes, struct cwc_container **container_out)
{
	struct cwc_container *container;
	int error = -ENOMEM;

	*container_out = NULL;
	if (!head_is_good(data, bytes))
		return -EINVAL;
	container = calloc(1, sizeof(*container));
	if (!container)
		return -ENOMEM;
	container->data = malloc(bytes);
	if (container->data) {
		memcpy(container->data, data, bytes);
		error = read_content(container, bytes);
	}
	if (error) {
		cwc_container_destroy(container);
		return error;
	}
	*container_out = container;
	return 0;
}

void cwc_container_destroy(struct cwc_container *container)
{
	if (!container)
		return;
	cwc_ir_put(container->ir);
	free(container->objects);
	free(container->data);
	free(container);
}
