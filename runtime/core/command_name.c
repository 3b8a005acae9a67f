/* SPDX-License-Identifier: MIT */
#include "core/command.h"

struct name {
	cl_command_type type;
	const char *name;
};

#define NAME(type) {CL_COMMAND_##type, #type}

static const struct name names[] = {
	NAME(NDRANGE_KERNEL),
	NAME(TASK),
	NAME(NATIVE_KERNEL),
	NAME(READ_BUFFER),
	NAME(WRITE_BUFFER),
	NAME(COPY_BUFFER),
	NAME(READ_BUFFER_RECT),
	NAME(WRITE_BUFFER_RECT),
	NAME(COPY_BUFFER_RECT),
	NAME(FILL_BUFFER),
	NAME(READ_IMAGE),
	NAME(WRITE_IMAGE),
	NAME(COPY_IMAGE),
	NAME(COPY_IMAGE_TO_BUFFER),
	NAME(COPY_BUFFER_TO_IMAGE),
	NAME(FILL_IMAGE),
	NAME(MAP_BUFFER),
	NAME(MAP_IMAGE),
	NAME(UNMAP_MEM_OBJECT),
	NAME(MIGRATE_MEM_OBJECTS),
	NAME(MARKER),
	NAME(BARRIER),
	NAME(USER),
	NAME(SVM_FREE),
	NAME(SVM_MEMCPY),
	NAME(SVM_MEMFILL),
	NAME(SVM_MAP),
	NAME(SVM_UNMAP),
	NAME(SVM_MIGRATE_MEM),
};

const char *cw_command_type_name(cl_command_type type)
{
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].type == type)
			return names[i].name;
	}
	return "unknown command";
}
