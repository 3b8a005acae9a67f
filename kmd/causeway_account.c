// SPDX-License-Identifier: GPL-2.0-only
#include <linux/slab.h>
#include <linux/srcu.h>

#include "causeway_account.h"
#include "causeway_vm.h"

/* Those who use the VM of an account may sleep, but can't put a VM where they are. */
DEFINE_STATIC_SRCU(account_srcu);

/**
 * causeway_account_create - an account for a VM
 * @vm: the VM; causeway_account_close() ends the account's knowledge of it
 *
 * Return: the account, or NULL without memory.
 */
struct causeway_account *causeway_account_create(struct causeway_vm *vm)
{
	struct causeway_account *account = kzalloc(sizeof(*account), GFP_KERNEL_ACCOUNT);

	if (!account)
		return NULL;
	refcount_set(&account->ref, 1);
	RCU_INIT_POINTER(account->vm, vm);
	return account;
}

/**
 * causeway_account_close - the VM ends; its pages may live on
 * @account: may be NULL
 *
 * Context: sleeps until nobody uses account->vm any more; no lock that is taken
 * between causeway_account_enter() and _exit().
 */
void causeway_account_close(struct causeway_account *account)
{
	if (!account)
		return;
	rcu_assign_pointer(account->vm, NULL);
	synchronize_srcu_expedited(&account_srcu);
}

/**
 * causeway_account_put - drop a reference
 * @account: the account
 *
 * Context: any.
 */
void causeway_account_put(struct causeway_account *account)
{
	if (refcount_dec_and_test(&account->ref))
		kfree(account);
}

/**
 * causeway_account_enter - use the VM of an account
 * @account: referenced
 * @idx: out: for causeway_account_exit(), which must follow
 *
 * Context: may sleep until causeway_account_exit(), but not wait for a VM to be closed.
 *
 * Return: the VM, or NULL: it has ended.
 */
struct causeway_vm *causeway_account_enter(struct causeway_account *account, int *idx)
	__acquires(&account_srcu)
{
	*idx = srcu_read_lock(&account_srcu);
	return srcu_dereference(account->vm, &account_srcu);
}

/**
 * causeway_account_exit - the VM isn't used any more
 * @idx: from causeway_account_enter()
 */
void causeway_account_exit(int idx) __releases(&account_srcu)
{
	srcu_read_unlock(&account_srcu, idx);
}

/**
 * causeway_account_count - add to a counter of the VM, if there is one
 * @account: referenced
 * @counter: which
 * @n: what to add
 */
void causeway_account_count(struct causeway_account *account, enum drm_causeway_counter counter,
			    unsigned long n)
{
	struct causeway_vm *vm;
	int idx;

	vm = causeway_account_enter(account, &idx);
	if (vm)
		causeway_vm_count(vm, counter, n);
	causeway_account_exit(idx);
}
