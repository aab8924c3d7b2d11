/* SPDX-License-Identifier: MIT */
/* What the user asked of the machine: defaults and contradictions. */
#include "machine/virt/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hw/char/chardev.h"
#include "machine/virt/virt.h"

const char *const vm_arch_names[] = { "x86_64", "arm64", "ppc64le", "ia64",
				      NULL };
const char *const vm_machine_names[] = { "virt", NULL };
const char *const vm_accel_names[] = { "auto", "kvm", "ia64", NULL };
const char *const vm_irqchip_names[] = { "auto",      "kernel",	  "split",
					 "gicv3-its", "gicv3",	  "gicv2m",
					 "gicv2",     "software", "kernel-xics",
					 "xics",      "xive",	  "sapic",
					 NULL };
const char *const vm_acpi_names[] = { "auto", "on", "off", NULL };
const char *const vm_transport_names[] = { "pci", "mmio", NULL };
const char *const vm_kaslr_names[] = { "auto", "on", "off", NULL };
const char *const vm_on_reboot_names[] = { "reboot", "exit", NULL };
const char *const vm_on_panic_names[] = { "exit", "stay", NULL };
const char *const vm_mmu_names[] = { "auto", "radix", "hash", NULL };
const char *const vm_kvm_type_names[] = { "auto", "hv", "pr", NULL };
const char *const vm_hugepages_names[] = { "auto", "off", "thp", "2M",
					   "16M",  "1G",  NULL };

void vm_config_init(struct vm_config *c)
{
	memset(c, 0, sizeof(*c));
	c->arch = arch_from_name(VMM_ARCH);
	c->memory.size = 512ull << 20;
}

static void strings_free(char **list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

void vm_config_free(struct vm_config *c)
{
	for (unsigned i = 0; i < c->ndevices; i++) {
		free(c->devices[i].name);
		free(c->devices[i].props);
	}
	strings_free(c->iothreads, c->niothreads);
	free(c->devices);
	free(c->numa);
	free(c->pins);
	free(c->name);
	free(c->kernel);
	free(c->initrd);
	free(c->dtb);
	free(c->firmware);
	free(c->pflash);
	free(c->append);
	free(c->cpu);
	free(c->serial);
	free(c->console);
	free(c->expect);
	free(c->fail_on);
	memset(c, 0, sizeof(*c));
}

/* ---- contradictions */

/*
 * Fills in the topology: cores unless given, so that one socket holds all
 * CPUs, or those of a NUMA node; a count left open is the product.
 */
static int vm_cpus_check(struct vm_config *cfg, struct err *err)
{
	struct vm_cpus *c = &cfg->cpus;
	uint64_t product;

	if (!c->count)
		c->count =
			(c->sockets ?: 1) * (c->cores ?: 1) * (c->threads ?: 1);
	if (!c->sockets && !c->cores)
		c->sockets = virt_numa_sockets(cfg);
	if (!c->cores)
		c->cores = c->count / ((c->sockets ?: 1) * (c->threads ?: 1))
				   ?: 1;
	if (!c->threads)
		c->threads = c->count / ((c->sockets ?: 1) * c->cores) ?: 1;
	if (!c->sockets)
		c->sockets = c->count / (c->cores * c->threads) ?: 1;
	product = c->sockets * c->cores * c->threads;
	if (product > VM_MAX_CPUS || c->count > VM_MAX_CPUS)
		return err_set(err, EINVAL,
			       "--cpus: the machine may have 1 to %d CPUs",
			       VM_MAX_CPUS);
	if (product == c->count)
		return 0;
	err_set(err, EINVAL,
		"--cpus: %" PRIu64 " socket%s of %" PRIu64
		" core%s with %" PRIu64 " thread%s make %" PRIu64
		" CPUs, not %" PRIu64,
		c->sockets, c->sockets == 1 ? "" : "s", c->cores,
		c->cores == 1 ? "" : "s", c->threads,
		c->threads == 1 ? "" : "s", product, c->count);
	err_hint(err, "leave one of sockets, cores and threads out, "
		      "or give their product as N");
	return -EINVAL;
}

static int vm_memory_check(const struct vm_memory *m, struct err *err)
{
	unsigned huge = mem_huge_shift(m->how.hugepages);
	uint64_t page = UINT64_C(1) << (huge ? huge : 12);
	char size[32], unit[32];

	if (m->size % page == 0)
		return 0;
	err_set(err, EINVAL, "--memory: %s are no whole pages of %s",
		format_size(m->size, size, sizeof(size)),
		format_size(page, unit, sizeof(unit)));
	err_hint(err, "give a multiple of %s", unit);
	return -EINVAL;
}

static int vm_regex_check(const char *option, const char *regex,
			  struct err *err)
{
	if (!regex || !chardev_check_regex(regex, err))
		return 0;
	return err_prefix(err, "%s: ", option);
}

static int vm_chardev_check(const char *option, const char *spec,
			    struct err *err)
{
	if (!spec || !chardev_check(spec, err))
		return 0;
	return err_prefix(err, "%s: ", option);
}

/* The terminal is the serial line's unless the user says otherwise. */
static int vm_serial_default(struct vm_config *c, struct err *err)
{
	if (!c->serial)
		c->serial = strdup("stdio");
	return c->serial ? 0 : err_nomem(err, "--serial");
}

static int vm_iothreads_check(const struct vm_config *c, struct err *err)
{
	for (unsigned i = 0; i < c->niothreads; i++)
		for (unsigned j = 0; j < i; j++)
			if (!strcmp(c->iothreads[i], c->iothreads[j]))
				return err_set(err, EINVAL,
					       "--iothread %s is given twice",
					       c->iothreads[i]);
	return 0;
}

static int vm_devices_check(const struct vm_config *c, struct err *err)
{
	for (unsigned i = 0; c->net_none && i < c->ndevices; i++)
		if (!strcmp(c->devices[i].name, "virtio-net"))
			return err_set(err, EINVAL,
				       "--net none contradicts another --net");
	return 0;
}

static int vm_pins_check(const struct vm_config *c, struct err *err)
{
	for (unsigned i = 0; i < c->npins; i++) {
		if (c->pins[i].vcpu >= c->cpus.count)
			return err_set(err, EINVAL,
				       "--pin vcpu%u: the machine has %" PRIu64
				       " CPU%s, from vcpu0",
				       c->pins[i].vcpu, c->cpus.count,
				       c->cpus.count == 1 ? "" : "s");
		for (unsigned j = 0; j < i; j++)
			if (c->pins[i].vcpu == c->pins[j].vcpu)
				return err_set(err, EINVAL,
					       "--pin vcpu%u is given twice",
					       c->pins[i].vcpu);
	}
	return 0;
}

static int vm_kernel_check(const struct vm_config *c, struct err *err)
{
	if (!c->kernel && c->initrd) {
		err_set(err, EINVAL, "--initrd needs a kernel");
		err_hint(err, "add --kernel FILE");
		return -EINVAL;
	}
	return 0;
}

int vm_config_check(struct vm_config *c, struct err *err)
{
	int ret = vm_cpus_check(c, err);

	if (!ret)
		ret = vm_memory_check(&c->memory, err);
	if (!ret)
		ret = virt_numa_check(c, err);
	if (!ret)
		ret = vm_kernel_check(c, err);
	if (!ret)
		ret = virt_boot_check(c, err);
	if (!ret)
		ret = vm_serial_default(c, err);
	if (!ret)
		ret = vm_chardev_check("--serial", c->serial, err);
	if (!ret)
		ret = vm_chardev_check("--console", c->console, err);
	if (!ret)
		ret = vm_iothreads_check(c, err);
	if (!ret)
		ret = vm_devices_check(c, err);
	if (!ret)
		ret = vm_pins_check(c, err);
	if (!ret)
		ret = vm_regex_check("--expect", c->expect, err);
	if (!ret)
		ret = vm_regex_check("--fail-on", c->fail_on, err);
	return ret;
}
