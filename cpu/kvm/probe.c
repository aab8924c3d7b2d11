/* SPDX-License-Identifier: MIT */
/* Asks the host's KVM what it can do. */
#include "cpu/kvm/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>

/* A TCG host's exits jitter by a millisecond; `vmm run` cannot wait so long. */
#define PROBE_LOOPS_EXACT 4000
#define PROBE_LOOPS_QUICK 500

static const struct probe_cap probe_caps[] = {
	{ .cap = KVM_CAP_USER_MEMORY,
	  .key = "user_memory",
	  .name = "guest memory from vmm",
	  .needed = true },
	{ .cap = KVM_CAP_NR_MEMSLOTS,
	  .key = "memory_slots",
	  .name = "memory slots",
	  .number = true },
	{ .cap = KVM_CAP_IOEVENTFD,
	  .key = "ioeventfd",
	  .name = "ioeventfd",
	  .with = "a guest's kick reaches an I/O thread without vmm's vCPU "
		  "thread",
	  .needed = true },
	{ .cap = KVM_CAP_IRQFD,
	  .key = "irqfd",
	  .name = "irqfd",
	  .with = "I/O threads interrupt the guest directly",
	  .needed = true },
	{ .cap = KVM_CAP_IRQFD_RESAMPLE,
	  .key = "irqfd_resample",
	  .name = "irqfd with resampling",
	  .with = "level interrupts of passed-through devices work",
	  .without = "passed-through devices need MSI" },
	{ .cap = KVM_CAP_SIGNAL_MSI,
	  .key = "signal_msi",
	  .name = "direct MSI" },
	{ .cap = KVM_CAP_IRQ_ROUTING,
	  .key = "irq_routing",
	  .name = "interrupt routing" },
	{ .cap = KVM_CAP_READONLY_MEM,
	  .key = "readonly_memory",
	  .name = "read-only memory",
	  .with = "ROM and flash run without exits" },
	{ .cap = KVM_CAP_IMMEDIATE_EXIT,
	  .key = "immediate_exit",
	  .name = "immediate exit",
	  .with = "vCPUs stop without a race",
	  .without = "the kernel is too old (before 4.13)",
	  .needed = true },
	{ .cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
	  .key = "dirty_log_manual",
	  .name = "dirty log, manual protect",
	  .with = "migration may clear the log piece by piece",
	  .without = "migration uses the plain dirty log" },
	{ .cap = KVM_CAP_SET_GUEST_DEBUG,
	  .key = "guest_debug",
	  .name = "guest debugging",
	  .with = "breakpoints and single steps" },
	{ 0 },
};

void probe_add(struct probe *p, const char *key, const char *name, bool have,
	       uint64_t value, const char *means)
{
	if (p->nitems == PROBE_MAX_ITEMS)
		return;
	p->item[p->nitems++] = (struct probe_item){ .key = key,
						    .name = name,
						    .have = have,
						    .value = value,
						    .means = means };
}

bool probe_cpuinfo(const char *field, const char *word)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	size_t len = strlen(word);
	char line[8192];
	bool found = false;

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, field, strlen(field)))
			continue;
		for (char *s = line; (s = strstr(s, word)); s += len)
			if (s > line && strchr(" \t", s[-1]) &&
			    strchr(" \t\n", s[len]))
				found = true;
		break;
	}
	fclose(f);
	return found;
}

bool probe_module_flag(const char *module, const char *param)
{
	char path[128], val[2] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module,
		 param);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(val, sizeof(val), f))
		val[0] = 0;
	fclose(f);
	return val[0] == 'Y' || val[0] == '1';
}

static int probe_open(struct err *err)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	err_set(err, errno, "cannot open /dev/kvm: %s", strerror(errno));
	if (err->code == EACCES || err->code == EPERM)
		err_hint(err, "run as root, or join the group that owns "
			      "/dev/kvm (often 'kvm')");
	else if (err->code == ENOENT)
		err_hint(err, "load the kvm module of this CPU; in a virtual "
			      "machine, its host must permit nesting");
	else
		err_hint(err, "is virtualization switched off in the "
			      "firmware?");
	return -err->code;
}

static void probe_ask_caps(struct probe *p, int fd, const struct probe_cap *c)
{
	for (; c->key; c++) {
		int val = ioctl(fd, KVM_CHECK_EXTENSION, c->cap);
		bool have = val > 0;

		probe_add(p, c->key, c->name, have,
			  have && c->number ? (uint64_t)val : 0,
			  have ? c->with : c->without);
		if (p->nitems)
			p->item[p->nitems - 1].needed = c->needed;
	}
}

/* The dirty ring has two names: with and without acquire-release order. */
static void probe_dirty_ring(struct probe *p, int fd)
{
	int size = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_DIRTY_LOG_RING);

#ifdef KVM_CAP_DIRTY_LOG_RING_ACQ_REL
	if (size <= 0)
		size = ioctl(fd, KVM_CHECK_EXTENSION,
			     KVM_CAP_DIRTY_LOG_RING_ACQ_REL);
#endif
	probe_add(p, "dirty_log", "dirty log", true, 0,
		  "what the guest writes can be tracked");
	if (size < 0)
		size = 0;
	probe_add(p, "dirty_ring", "dirty ring of entries", size,
		  size / sizeof(struct kvm_dirty_gfn),
		  size ? "tracking costs what is written"
		       : "tracking costs a scan of all guest memory");
}

static int probe_needed(const struct probe *p, struct err *err)
{
	for (unsigned i = 0; i < p->nitems; i++) {
		if (!p->item[i].needed || p->item[i].have)
			continue;
		err_set(err, EOPNOTSUPP, "this KVM lacks %s", p->item[i].name);
		err_hint(err, "a newer kernel has it");
		return -EOPNOTSUPP;
	}
	return 0;
}

static enum probe_speed probe_judge(uint64_t instr_per_s)
{
	if (!instr_per_s)
		return SPEED_UNKNOWN;
	return instr_per_s < PROBE_SLOW ? SPEED_EMULATED : SPEED_NATIVE;
}

int probe_kvm(struct probe *p, struct err *err)
{
	int fd, ret;

	memset(p, 0, sizeof(*p));
	probe_arch_host(p);
	fd = probe_open(err);
	if (fd < 0)
		return fd;
	ret = ioctl(fd, KVM_GET_API_VERSION, 0);
	if (ret != KVM_API_VERSION) {
		close(fd);
		return err_set(err, EOPNOTSUPP,
			       "/dev/kvm speaks version %d, not %d", ret,
			       KVM_API_VERSION);
	}
	p->api_version = ret;
	ret = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS);
	p->recommended_vcpus = ret > 0 ? ret : 4; /* as KVM's api.rst says */
	ret = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	p->max_vcpus = ret > 0 ? (unsigned)ret : p->recommended_vcpus;
	probe_ask_caps(p, fd, probe_caps);
	probe_dirty_ring(p, fd);
	probe_ask_caps(p, fd, probe_arch_caps);
	p->instr_per_s = probe_arch_measure(fd, PROBE_LOOPS_EXACT);
	p->speed = probe_judge(p->instr_per_s);
	close(fd);
	return probe_needed(p, err);
}

enum probe_speed probe_guest_speed(uint64_t *instr_per_s)
{
	struct err err;
	int fd;

	*instr_per_s = 0;
	if (probe_arch_has_extension())
		return SPEED_NATIVE;
	fd = probe_open(&err);
	if (fd < 0)
		return SPEED_UNKNOWN;
	*instr_per_s = probe_arch_measure(fd, PROBE_LOOPS_QUICK);
	close(fd);
	return probe_judge(*instr_per_s);
}
