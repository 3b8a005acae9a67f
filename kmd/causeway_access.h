/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Access counters: how often the device is seen to use each 64 KiB.
 */
#ifndef CAUSEWAY_ACCESS_H
#define CAUSEWAY_ACCESS_H

struct causeway_memory;
struct causeway_vm;

void causeway_access_init(struct causeway_memory *memory);
void causeway_access_finish(struct causeway_memory *memory);
void causeway_access_arm(struct causeway_memory *memory);
void causeway_access_scan(struct causeway_vm *vm);

#endif
