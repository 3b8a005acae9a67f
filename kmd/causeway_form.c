// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: forms of device memory
 *
 * private: MEMORY_DEVICE_PRIVATE pages stand for bytes in banks of system
 *	memory that the driver owns.  The CPU has no address for them.
 * coherent: MEMORY_DEVICE_COHERENT pages of a reserved physical range.
 * node: the reserved range becomes driver-managed memory of a NUMA node without
 *	CPUs.  Its memory blocks are put online by the system's policy
 *	(memhp_default_state=, auto_online_blocks, udev): "online_movable" is
 *	what lets the driver take it back.
 */
#include <linux/ioport.h>
#include <linux/memory-tiers.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/slab.h>

#include "causeway_compat.h"
#include "causeway_devmem.h"
#include "causeway_form.h"

#define REGION_NAME    "causeway"
/* what kexec and /proc/iomem see; the core asks for this spelling */
#define NODE_NAME      "System RAM (causeway)"
/* slower than the system's memory, as seen from a CPU */
#define NODE_ADISTANCE (MEMTIER_ADISTANCE_DRAM * 4)

/* memory of the node form, by node; written at create and destroy */
static struct causeway_devmem *node_mem[MAX_NUMNODES];
static struct memory_dev_type *node_type;
static unsigned int node_type_users;
static DEFINE_MUTEX(node_lock);

/* ---- private ----------------------------------------------------------- */

static void private_fini(struct causeway_devmem *mem)
{
	unsigned int i;

	if (mem->resource) {
		memunmap_pages(&mem->pagemap);
		release_mem_region(mem->pagemap.range.start, range_len(&mem->pagemap.range));
	}
	for (i = 0; mem->backing && i < mem->bank_count; i++) {
		if (mem->backing[i])
			__free_pages(mem->backing[i], CAUSEWAY_BANK_SHIFT - PAGE_SHIFT);
	}
	kvfree(mem->backing);
}

static int private_backing(struct causeway_devmem *mem)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;
	unsigned int i;

	mem->backing = kvcalloc(mem->bank_count, sizeof(*mem->backing), GFP_KERNEL);
	if (!mem->backing)
		return -ENOMEM;
	for (i = 0; i < mem->bank_count; i++) {
		mem->backing[i] = alloc_pages(gfp, CAUSEWAY_BANK_SHIFT - PAGE_SHIFT);
		if (!mem->backing[i])
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

static int private_init(struct causeway_devmem *mem, const struct causeway_devmem_config *config)
{
	struct resource *resource;
	void *address;
	int ret;

	if (!IS_ENABLED(CONFIG_DEVICE_PRIVATE))
		return -EOPNOTSUPP;
	ret = private_backing(mem);
	if (ret)
		goto fail;
	resource = request_free_mem_region(&iomem_resource, config->bytes, REGION_NAME);
	if (IS_ERR(resource)) {
		ret = PTR_ERR(resource);
		goto fail;
	}
	mem->nid = numa_mem_id();
	mem->pagemap.type = MEMORY_DEVICE_PRIVATE;
	mem->pagemap.range.start = resource->start;
	mem->pagemap.range.end = resource->end;
	mem->pagemap.nr_range = 1;
	address = memremap_pages(&mem->pagemap, mem->nid);
	if (IS_ERR(address)) {
		release_mem_region(resource->start, resource_size(resource));
		ret = PTR_ERR(address);
		goto fail;
	}
	mem->resource = resource;
	mem->first_pfn = mem->pagemap.range.start >> PAGE_SHIFT;
	return 0;
fail:
	private_fini(mem);
	return ret;
}

/* ---- coherent ---------------------------------------------------------- */

static int range_claim(struct causeway_devmem *mem, const struct causeway_devmem_config *config)
{
	if (!config->start || region_intersects(config->start, config->bytes, IORESOURCE_SYSTEM_RAM,
						IORES_DESC_NONE) != REGION_DISJOINT)
		return -EINVAL;
	mem->resource = request_mem_region(config->start, config->bytes, REGION_NAME);
	if (!mem->resource)
		return -EBUSY;
	mem->first_pfn = config->start >> PAGE_SHIFT;
	return 0;
}

static void range_release(struct causeway_devmem *mem)
{
	release_mem_region((u64)mem->first_pfn << PAGE_SHIFT, (u64)mem->page_count << PAGE_SHIFT);
}

static int coherent_init(struct causeway_devmem *mem, const struct causeway_devmem_config *config)
{
	void *address;
	int ret;

	ret = range_claim(mem, config);
	if (ret)
		return ret;
	mem->nid = numa_mem_id();
	mem->pagemap.type = MEMORY_DEVICE_COHERENT;
	mem->pagemap.range.start = config->start;
	mem->pagemap.range.end = config->start + config->bytes - 1;
	mem->pagemap.nr_range = 1;
	address = memremap_pages(&mem->pagemap, mem->nid);
	if (IS_ERR(address)) {
		range_release(mem);
		return PTR_ERR(address);
	}
	return 0;
}

/* ---- node -------------------------------------------------------------- */

static int node_type_get(int nid)
{
	lockdep_assert_held(&node_lock);
	if (!node_type_users) {
		node_type = alloc_memory_type(NODE_ADISTANCE);
		if (IS_ERR(node_type))
			return PTR_ERR(node_type);
	}
	node_type_users++;
	init_node_memory_type(nid, node_type);
	return 0;
}

static void node_type_put(int nid)
{
	lockdep_assert_held(&node_lock);
	clear_node_memory_type(nid, node_type);
	if (!--node_type_users)
		put_memory_type(node_type);
}

/* the node that firmware gave to the range, or any that has no memory */
static int node_choose(u64 start)
{
	int nid = phys_to_target_node(start);

	if (nid >= 0 && node_possible(nid) && !node_state(nid, N_MEMORY) && !node_mem[nid])
		return nid;
	for_each_node(nid) {
		if (!node_state(nid, N_MEMORY) && !node_mem[nid])
			return nid;
	}
	return NUMA_NO_NODE;
}

static int node_add(struct causeway_devmem *mem, const struct causeway_devmem_config *config)
{
	int ret;

	lockdep_assert_held(&node_lock);
	ret = node_type_get(mem->nid);
	if (ret)
		return ret;
	mem->group = memory_group_register_static(mem->nid, mem->page_count);
	ret = mem->group;
	if (ret < 0)
		goto fail_type;
	/* the core adds a child of ours that is busy; ours may not be */
	mem->resource->flags = IORESOURCE_SYSTEM_RAM;
	ret = add_memory_driver_managed(mem->group, config->start, config->bytes, NODE_NAME,
					MHP_NID_IS_MGID);
	if (ret)
		goto fail_group;
	WRITE_ONCE(node_mem[mem->nid], mem);
	return 0;

fail_group:
	memory_group_unregister(mem->group);
fail_type:
	node_type_put(mem->nid);
	return ret;
}

static int node_init(struct causeway_devmem *mem, const struct causeway_devmem_config *config)
{
	int ret;

	if (!IS_ALIGNED(config->start | config->bytes, memory_block_size_bytes()))
		return -EINVAL;
	ret = range_claim(mem, config);
	if (ret)
		return ret;
	mutex_lock(&node_lock);
	mem->nid = node_choose(config->start);
	ret = mem->nid == NUMA_NO_NODE ? -ENODEV : node_add(mem, config);
	mutex_unlock(&node_lock);
	if (ret) {
		mem->resource->flags = IORESOURCE_MEM | IORESOURCE_BUSY;
		range_release(mem);
	}
	return ret;
}

/* the kernel brings the pages home as it takes the memory offline */
static bool node_fini(struct causeway_devmem *mem)
{
	if (offline_and_remove_memory((u64)mem->first_pfn << PAGE_SHIFT,
				      (u64)mem->page_count << PAGE_SHIFT))
		return false;
	mutex_lock(&node_lock);
	WRITE_ONCE(node_mem[mem->nid], NULL);
	memory_group_unregister(mem->group);
	node_type_put(mem->nid);
	mutex_unlock(&node_lock);
	mem->resource->flags = IORESOURCE_MEM | IORESOURCE_BUSY;
	range_release(mem);
	return true;
}

/**
 * causeway_form_node_of - the memory of the node form that a page belongs to
 * @page: not a ZONE_DEVICE page
 *
 * Return: the memory, or NULL.
 */
struct causeway_devmem *causeway_form_node_of(const struct page *page)
{
	return READ_ONCE(node_mem[page_to_nid(page)]);
}

/**
 * causeway_form_node_used - pages of the node that are not free
 * @mem: node form
 */
unsigned long causeway_form_node_used(const struct causeway_devmem *mem)
{
	unsigned long used = 0;
	struct zone *zone;

	if (!node_state(mem->nid, N_MEMORY))
		return 0;
	for (zone = NODE_DATA(mem->nid)->node_zones;
	     zone < NODE_DATA(mem->nid)->node_zones + MAX_NR_ZONES; zone++)
		used += zone_managed_pages(zone) - zone_page_state(zone, NR_FREE_PAGES);
	return used;
}

/**
 * causeway_form_node_alloc - a page of the node
 * @mem: node form
 *
 * Return: a page, or NULL: full, or not online.
 */
struct page *causeway_form_node_alloc(const struct causeway_devmem *mem)
{
	const gfp_t gfp = GFP_HIGHUSER_MOVABLE | __GFP_THISNODE | __GFP_NOWARN | __GFP_NORETRY;

	if (READ_ONCE(mem->closed) || !node_state(mem->nid, N_MEMORY))
		return NULL;
	return alloc_pages_node(mem->nid, gfp, 0);
}

/* ---- all --------------------------------------------------------------- */

/**
 * causeway_form_init - find the pages
 * @mem: form and page_count are set; the range is filled in
 * @config: as asked for
 *
 * Return: 0 or an errno, see causeway_devmem_create().
 */
int causeway_form_init(struct causeway_devmem *mem, const struct causeway_devmem_config *config)
{
	switch (mem->form) {
	case DRM_CAUSEWAY_MEMORY_PRIVATE:
		return private_init(mem, config);
	case DRM_CAUSEWAY_MEMORY_COHERENT:
		return coherent_init(mem, config);
	case DRM_CAUSEWAY_MEMORY_NODE:
		return node_init(mem, config);
	default:
		return -EINVAL;
	}
}

/**
 * causeway_form_fini - let the pages go
 * @mem: closed
 *
 * Return: false, with nothing changed, while some are in use.
 */
bool causeway_form_fini(struct causeway_devmem *mem)
{
	if (mem->form == DRM_CAUSEWAY_MEMORY_NODE)
		return node_fini(mem);
	if (READ_ONCE(mem->used))
		return false;
	if (mem->form == DRM_CAUSEWAY_MEMORY_PRIVATE) {
		private_fini(mem);
	} else {
		memunmap_pages(&mem->pagemap);
		range_release(mem);
	}
	return true;
}
