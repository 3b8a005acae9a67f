/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making room in device memory, and emptying it.
 */
#ifndef CAUSEWAY_EVICT_H
#define CAUSEWAY_EVICT_H

#include <linux/types.h>

struct causeway_account;
struct causeway_devmem;

bool causeway_evict_one(struct causeway_devmem *mem);
bool causeway_evict_all(struct causeway_devmem *mem);
bool causeway_evict_account(struct causeway_devmem *mem, const struct causeway_account *account);

#endif
