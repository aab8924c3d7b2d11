/* SPDX-License-Identifier: MIT */
/* NUMA nodes: which CPUs and how much RAM each has. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "hw/core/prop.h"
#include "machine/virt/virt.h"

/* A node begins and ends there, so that pages of any size have one. */
#define NUMA_ALIGN (UINT64_C(1) << 20)

/* The nodes that name CPUs. */
static unsigned numa_with_cpus(const struct vm_config *cfg)
{
	unsigned n = 0;

	for (unsigned i = 0; i < cfg->nnuma; i++)
		n += CPU_COUNT(&cfg->numa[i].cpus) > 0;
	return n;
}

/* The node that names a CPU; or NULL. */
static const struct vm_numa *numa_of_cpu(const struct vm_config *cfg,
					 unsigned cpu)
{
	for (unsigned i = 0; i < cfg->nnuma; i++)
		if (CPU_ISSET(cpu, &cfg->numa[i].cpus))
			return &cfg->numa[i];
	return NULL;
}

unsigned virt_numa_sockets(const struct vm_config *cfg)
{
	const struct vm_cpus *c = &cfg->cpus;
	unsigned named = numa_with_cpus(cfg), n = named ? named : cfg->nnuma;
	uint64_t each = n ? c->count / n : 0;

	if (!n || c->count > VM_MAX_CPUS || c->count % n ||
	    (c->threads && each % c->threads))
		return 0;
	for (unsigned i = 1; named && i < c->count; i++) {
		bool same = numa_of_cpu(cfg, i) == numa_of_cpu(cfg, i - 1);

		if (same != (i % each != 0))
			return 0;
	}
	return n;
}

/* ---- what does not add up */

static int numa_check_target(const struct vm_config *cfg, struct err *err)
{
	const struct virt_target *t = virt_target((enum arch)cfg->arch);

	if (t && !t->numa)
		return err_set(err, ENOTSUP,
			       "--numa: the %s machine has no nodes",
			       arch_name((enum arch)cfg->arch));
	if (!t || t->dtb || cfg->acpi != VM_ACPI_OFF)
		return 0;
	err_set(err, EINVAL,
		"--numa: the guest is told of nodes by ACPI, and --machine has "
		"acpi=off");
	err_hint(err, "leave acpi=off out");
	return -EINVAL;
}

/* Linux takes a table for broken in which two nodes are as near as one. */
static int numa_check_distance(const struct vm_config *cfg,
			       const struct vm_numa *n, unsigned to,
			       struct err *err)
{
	unsigned distance = n->distance[to];

	if (to >= cfg->nnuma) {
		err_set(err, EINVAL,
			"--numa node=%" PRIu64 ": it has %u distances, and "
			"there %s %u node%s",
			n->node, n->ndistances, cfg->nnuma == 1 ? "is" : "are",
			cfg->nnuma, cfg->nnuma == 1 ? "" : "s");
		err_hint(err, "they are to node 0, 1 and so on");
		return -EINVAL;
	}
	if ((to == n->node) == (distance == 10))
		return 0;
	err_set(err, EINVAL,
		"--numa node=%" PRIu64 ": its distance to node %u is %u",
		n->node, to, distance);
	err_hint(err, "a node's distance to itself is 10, and to others it is "
		      "greater");
	return -EINVAL;
}

static int numa_check_distances(const struct vm_config *cfg, struct err *err)
{
	const struct virt_target *t = virt_target((enum arch)cfg->arch);
	int ret = 0;

	for (unsigned i = 0; !ret && i < cfg->nnuma; i++) {
		const struct vm_numa *n = &cfg->numa[i];

		if (n->ndistances && t && !t->distances) {
			err_set(err, ENOTSUP,
				"--numa node=%" PRIu64 ": the %s machine's "
				"tables have no room for distances",
				n->node, arch_name((enum arch)cfg->arch));
			err_hint(err, "leave distances= out");
			return -ENOTSUP;
		}
		for (unsigned j = 0; !ret && j < n->ndistances; j++)
			ret = numa_check_distance(cfg, n, j, err);
	}
	return ret;
}

static int numa_check_numbers(const struct vm_config *cfg, struct err *err)
{
	for (unsigned i = 0; i < cfg->nnuma; i++) {
		uint64_t node = cfg->numa[i].node;

		for (unsigned j = 0; j < i; j++)
			if (cfg->numa[j].node == node)
				return err_set(err, EINVAL,
					       "--numa node=%" PRIu64
					       " is given twice",
					       node);
		if (node < cfg->nnuma)
			continue;
		err_set(err, EINVAL,
			"--numa node=%" PRIu64 ": %u node%s counted from 0",
			node, cfg->nnuma, cfg->nnuma == 1 ? " is" : "s are");
		err_hint(err, "add the nodes below it, or number it %u",
			 cfg->nnuma - 1);
		return -EINVAL;
	}
	return 0;
}

static int numa_check_cpu(const struct vm_config *cfg, unsigned cpu,
			  struct err *err)
{
	const struct vm_numa *first = numa_of_cpu(cfg, cpu);

	if (!first && cpu < cfg->cpus.count) {
		err_set(err, EINVAL,
			"--numa: CPU %u is in no node, and others are", cpu);
		err_hint(err, "name it in the cpus= of a node, or name none");
		return -EINVAL;
	}
	if (first && cpu >= cfg->cpus.count) {
		err_set(err, EINVAL,
			"--numa node=%" PRIu64
			": there is no CPU %u, as --cpus is %" PRIu64,
			first->node, cpu, cfg->cpus.count);
		err_hint(err, "say --cpus %u; CPUs are counted from 0",
			 cpu + 1);
		return -EINVAL;
	}
	for (const struct vm_numa *n = first;
	     n && ++n < cfg->numa + cfg->nnuma;)
		if (CPU_ISSET(cpu, &n->cpus))
			return err_set(err, EINVAL,
				       "--numa: CPU %u is in node %" PRIu64
				       " and in node %" PRIu64,
				       cpu, first->node, n->node);
	return 0;
}

static int numa_check_cpus(const struct vm_config *cfg, struct err *err)
{
	int ret = 0;

	_Static_assert(VM_MAX_CPUS <= CPU_SETSIZE, "");
	for (unsigned i = 0; !ret && numa_with_cpus(cfg) && i < VM_MAX_CPUS;
	     i++)
		ret = numa_check_cpu(cfg, i, err);
	return ret;
}

/* What the nodes that say nothing share. */
static uint64_t numa_left(const struct vm_config *cfg, unsigned *sharing)
{
	uint64_t left = cfg->memory.size;

	*sharing = 0;
	for (unsigned i = 0; i < cfg->nnuma; i++) {
		uint64_t size = cfg->numa[i].memory;

		*sharing += !size;
		left = size > left ? 0 : left - size;
	}
	return left;
}

static int numa_check_sum(const struct vm_config *cfg, uint64_t named,
			  struct err *err)
{
	uint64_t total = cfg->memory.size;
	char all[32], have[32];
	unsigned sharing;
	uint64_t left = numa_left(cfg, &sharing);

	if (sharing ? left / NUMA_ALIGN >= sharing : named == total)
		return 0;
	err_set(err, EINVAL, "--numa: the nodes have %s, and --memory is %s",
		format_size(named, have, sizeof(have)),
		format_size(total, all, sizeof(all)));
	if (sharing)
		err_hint(err, "leave 1 MiB at least for each node without "
			      "memory=");
	else
		err_hint(err, "say --memory %s",
			 show_size(named, have, sizeof(have)));
	return -EINVAL;
}

static int numa_check_memory(const struct vm_config *cfg, struct err *err)
{
	uint64_t named = 0;

	for (unsigned i = 0; i < cfg->nnuma; i++) {
		uint64_t size = cfg->numa[i].memory;

		if (size % NUMA_ALIGN)
			return err_set(err, EINVAL,
				       "--numa node=%" PRIu64 ": memory must "
				       "be a multiple of 1 MiB",
				       cfg->numa[i].node);
		if (__builtin_add_overflow(named, size, &named))
			named = UINT64_MAX;
	}
	return numa_check_sum(cfg, named, err);
}

int virt_numa_check(const struct vm_config *cfg, struct err *err)
{
	int ret;

	if (!cfg->nnuma)
		return 0;
	ret = numa_check_target(cfg, err);
	if (!ret)
		ret = numa_check_numbers(cfg, err);
	if (!ret)
		ret = numa_check_cpus(cfg, err);
	if (!ret)
		ret = numa_check_memory(cfg, err);
	if (!ret)
		ret = numa_check_distances(cfg, err);
	return ret;
}

/* ---- the board */

/* Sizes by node; of a share that is no whole, the last has the rest. */
static void numa_sizes(const struct vm_config *cfg, uint64_t *size)
{
	unsigned sharing, last = 0;
	uint64_t left = numa_left(cfg, &sharing);
	uint64_t share = sharing ? left / sharing / NUMA_ALIGN * NUMA_ALIGN : 0;

	for (unsigned i = 0; i < cfg->nnuma; i++) {
		const struct vm_numa *n = &cfg->numa[i];

		size[n->node] = n->memory ? n->memory : share;
		if (!n->memory && n->node > last)
			last = (unsigned)n->node;
	}
	if (sharing)
		size[last] += left - sharing * share;
}

/* RAM is the nodes', one after the other. */
static void numa_split_ram(struct board *b, const uint64_t *size)
{
	struct board_ram was[BOARD_MAX_RAM];
	unsigned nwas = b->nram, node = 0;
	uint64_t left = size[0];

	for (unsigned i = 0; i < nwas; i++)
		was[i] = b->ram[i];
	b->nram = 0;
	for (unsigned i = 0; i < nwas;) {
		uint64_t part = was[i].size < left ? was[i].size : left;

		b->ram[b->nram++] =
			(struct board_ram){ was[i].base, part, node };
		was[i].base += part;
		was[i].size -= part;
		left -= part;
		i += !was[i].size;
		if (!left && i < nwas)
			left = size[++node];
	}
}

/* What one node says of another holds both ways unless that one says its own.
 */
static void numa_distances(const struct vm_config *cfg, struct board *b)
{
	for (unsigned i = 0; i < cfg->nnuma; i++) {
		const struct vm_numa *n = &cfg->numa[i];

		for (unsigned j = 0; j < n->ndistances; j++) {
			b->distance[n->node][j] = n->distance[j];
			if (!b->distance[j][n->node])
				b->distance[j][n->node] = n->distance[j];
		}
	}
	for (unsigned i = 0; i < cfg->nnuma; i++)
		memcpy(b->distance[cfg->numa[i].node], cfg->numa[i].distance,
		       cfg->numa[i].ndistances);
}

void virt_numa_resolve(const struct vm_config *cfg, struct board *b)
{
	uint64_t size[BOARD_MAX_NODES] = { 0 };

	if (!cfg->nnuma)
		return;
	numa_sizes(cfg, size);
	numa_split_ram(b, size);
	numa_distances(cfg, b);
	for (unsigned i = 0; i < b->ncpus; i++) {
		const struct vm_numa *n = numa_of_cpu(cfg, i);

		b->cpus[i].node = n ? (uint32_t)n->node
				    : i * cfg->nnuma / b->ncpus;
	}
}
