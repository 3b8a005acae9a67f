/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the pages of device memory come from: the private, coherent and node form.
 */
#ifndef CAUSEWAY_FORM_H
#define CAUSEWAY_FORM_H

#include <linux/mm_types.h>
#include <linux/types.h>

struct causeway_devmem;
struct causeway_devmem_config;

int causeway_form_init(struct causeway_devmem *mem, const struct causeway_devmem_config *config);
bool causeway_form_fini(struct causeway_devmem *mem);

struct causeway_devmem *causeway_form_node_of(const struct page *page);
unsigned long causeway_form_node_used(const struct causeway_devmem *mem);
struct page *causeway_form_node_alloc(const struct causeway_devmem *mem);

#endif
