/* SPDX-License-Identifier: MIT */
/* Barriers, fences, votes, linear ids and address space queries: one type each. */
#ifndef CWC_BUILTINS_GROUP_H
#define CWC_BUILTINS_GROUP_H

CW_EFFECT bool cw_first_sub_group(void)
{
	return _Z16get_sub_group_idv() == 0;
}

CW_INLINE size_t get_local_linear_id(void)
{
	return (cw_local_id(2) * cw_local_size(1) + cw_local_id(1)) * cw_local_size(0) +
	       cw_local_id(0);
}

CW_EFFECT size_t cw_global_id(uint d)
{
	return _Z13get_global_idj(d) - _Z17get_global_offsetj(d);
}

CW_INLINE size_t get_global_linear_id(void)
{
	return (cw_global_id(2) * _Z15get_global_sizej(1) + cw_global_id(1)) *
		       _Z15get_global_sizej(0) +
	       cw_global_id(0);
}

/*
 * A fence orders this work-item's accesses.  Within a work-group, which is one
 * thread, that binds the compiler only.
 */
CW_INLINE void atomic_work_item_fence(cl_mem_fence_flags flags, memory_order order,
				      memory_scope scope)
{
	if (order == memory_order_relaxed)
		return;
	if (scope == memory_scope_work_item || scope == memory_scope_sub_group ||
	    scope == memory_scope_work_group || order != memory_order_seq_cst)
		__c11_atomic_thread_fence(__ATOMIC_ACQ_REL);
	else
		__c11_atomic_thread_fence(__ATOMIC_SEQ_CST);
}

CW_INLINE void mem_fence(cl_mem_fence_flags flags)
{
	__c11_atomic_thread_fence(__ATOMIC_ACQ_REL);
}

CW_INLINE void read_mem_fence(cl_mem_fence_flags flags)
{
	__c11_atomic_thread_fence(__ATOMIC_ACQUIRE);
}

CW_INLINE void write_mem_fence(cl_mem_fence_flags flags)
{
	__c11_atomic_thread_fence(__ATOMIC_RELEASE);
}

CW_INLINE void work_group_barrier(cl_mem_fence_flags flags)
{
	cw_barrier(flags);
}

CW_INLINE void work_group_barrier(cl_mem_fence_flags flags, memory_scope scope)
{
	__c11_atomic_thread_fence(__ATOMIC_ACQ_REL);
	cw_barrier(flags);
	__c11_atomic_thread_fence(__ATOMIC_ACQ_REL);
}

/* The lanes of a sub-group advance together: order is all that is needed. */
CW_INLINE void sub_group_barrier(cl_mem_fence_flags flags)
{
	__c11_atomic_thread_fence(__ATOMIC_ACQ_REL);
}

CW_INLINE void sub_group_barrier(cl_mem_fence_flags flags, memory_scope scope)
{
	__c11_atomic_thread_fence(__ATOMIC_ACQ_REL);
}

CW_INLINE int sub_group_all(int predicate)
{
	return (int)__cw_all(predicate != 0);
}

CW_INLINE int sub_group_any(int predicate)
{
	return (int)__cw_any(predicate != 0);
}

CW_EFFECT uint cw_group_vote(uint part, bool all)
{
	local uint *sum = (local uint *)__cw_group_scratch();
	uint r;

	if (cw_first_sub_group())
		*sum = part;
	else
		*sum = all ? *sum & part : *sum | part;
	cw_barrier(CLK_LOCAL_MEM_FENCE);
	r = *sum;
	cw_barrier(CLK_LOCAL_MEM_FENCE);
	return r;
}

CW_INLINE int work_group_all(int predicate)
{
	return (int)cw_group_vote(__cw_all(predicate != 0), true);
}

CW_INLINE int work_group_any(int predicate)
{
	return (int)cw_group_vote(__cw_any(predicate != 0), false);
}

/* clang calls these for to_global(), to_local() and to_private(). */
__attribute__((always_inline)) __global void *__to_global(__generic void *p)
{
	return __cw_address_space(p) == 1 ? (__global void *)p : 0;
}

__attribute__((always_inline)) __local void *__to_local(__generic void *p)
{
	return __cw_address_space(p) == 3 ? (__local void *)p : 0;
}

__attribute__((always_inline)) __private void *__to_private(__generic void *p)
{
	return __cw_address_space(p) == 0 ? (__private void *)p : 0;
}

CW_INLINE cl_mem_fence_flags get_fence(const __generic void *p)
{
	return __cw_address_space((__generic void *)p) == 3 ? CLK_LOCAL_MEM_FENCE
							    : CLK_GLOBAL_MEM_FENCE;
}

CW_INLINE cl_mem_fence_flags get_fence(__generic void *p)
{
	return get_fence((const __generic void *)p);
}

#endif
