/* SPDX-License-Identifier: MIT */
/* C11 atomics in divergent flow. */
kernel void atomics_flow(global const uint *in, global uint *out, uint n, local uint *lp)
{
	size_t g = get_global_id(0);
	uint x = in[g];
	volatile global atomic_uint *cell = (volatile global atomic_uint *)out;
	volatile global atomic_int *icell = (volatile global atomic_int *)cell;
	local atomic_uint tickets;

	if (get_local_id(0) == 0)
		atomic_init(&tickets, 0);
	barrier(CLK_LOCAL_MEM_FENCE);
	if (x & 1)
		atomic_fetch_add_explicit(&cell[0], x, memory_order_relaxed, memory_scope_device);
	else
		atomic_fetch_sub_explicit(&cell[1], x, memory_order_acq_rel,
					  memory_scope_work_group);
	for (uint i = x % 3; i; i--)
		atomic_fetch_max(&icell[2], (int)(x * i) - 100);
	uint old = atomic_load_explicit(&cell[3], memory_order_relaxed, memory_scope_device);
	while (x % 5 && !atomic_compare_exchange_weak(&cell[3], &old, old * 1 + x % 5))
		;
	atomic_fetch_add(&cell[4], atomic_fetch_add(&tickets, 1));
	if (x % 2 == 0 && atomic_exchange(&cell[5], 9u) > 9)
		atomic_store(&cell[6], 1u);
}
