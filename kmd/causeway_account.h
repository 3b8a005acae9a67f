/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a page of device memory knows of the VM that moved it there.
 */
#ifndef CAUSEWAY_ACCOUNT_H
#define CAUSEWAY_ACCOUNT_H

#include <linux/atomic.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <uapi/drm/causeway_drm.h>

struct causeway_vm;

/**
 * struct causeway_account - on whose behalf pages are in device memory
 *
 * Pages outlive their VM where they are shared with a forked child, and are
 * freed in contexts that can't put a VM; so they refer to this.
 *
 * @ref: one of the VM and one of each page
 * @resident: pages
 * @vm: NULL once the VM has ended; causeway_account_enter()
 */
struct causeway_account {
	refcount_t ref;
	atomic_long_t resident;
	struct causeway_vm __rcu *vm;
};

struct causeway_account *causeway_account_create(struct causeway_vm *vm);
void causeway_account_close(struct causeway_account *account);
void causeway_account_put(struct causeway_account *account);

struct causeway_vm *causeway_account_enter(struct causeway_account *account, int *idx);
void causeway_account_exit(int idx);
void causeway_account_count(struct causeway_account *account, enum drm_causeway_counter counter,
			    unsigned long n);

#endif
