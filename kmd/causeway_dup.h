/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read-only duplicates of pages that lie in the memory of another device.
 */
#ifndef CAUSEWAY_DUP_H
#define CAUSEWAY_DUP_H

#include <linux/types.h>

struct causeway_chunk;
struct causeway_device;
struct causeway_devmem;
struct causeway_insert;
struct causeway_memory;
struct causeway_vm;

bool causeway_dup_supported(const struct causeway_device *device);

void causeway_dup_open(struct causeway_memory *memory);
void causeway_dup_close(struct causeway_memory *memory);

void causeway_dup_read(struct causeway_vm *vm, const struct causeway_insert *insert);
bool causeway_dup_write(struct causeway_vm *vm, unsigned long start, unsigned long end);

void causeway_dup_drop(struct causeway_vm *vm, unsigned long start, unsigned long end);
void causeway_dup_evict(struct causeway_devmem *mem);
bool causeway_dup_has(struct causeway_vm *vm, unsigned long addr);

#endif
