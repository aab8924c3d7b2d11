/* SPDX-License-Identifier: MIT */
/* The option tables of `vmm run`, and the parsers of their odd values. */
#include "cmd/config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "boot/boot.h"
#include "gdbstub/gdbstub.h"
#include "machine/virt/virt.h"

#define CFG(field)	 offsetof(struct config, field)
#define KEY(type, field) offsetof(struct type, field)

void config_init(struct config *c)
{
	memset(c, 0, sizeof(*c));
	vm_config_init(&c->vm);
	c->log.level = -1;
	c->phys_bits = 46;
}

void config_free(struct config *c)
{
	vm_config_free(&c->vm);
	free(c->log.file);
	free(c->output);
	free(c->gdb);
	memset(c, 0, sizeof(*c));
}

/* Replaces a string field; -ENOMEM with the message set. */
static int config_string(char **field, const char *val, size_t len,
			 struct err *err)
{
	char *copy = strndup(val, len);

	if (!copy)
		return err_nomem(err, "an option's value");
	free(*field);
	*field = copy;
	return 0;
}

/* ---- --memory: a bare number counts MiB, as with QEMU and kvmtool */

static int memory_parse(void *base, const struct prop *p, const char *val,
			struct err *err)
{
	struct prop size = *p;
	char mib[40];
	uint64_t n;

	size.kind = PROP_SIZE;
	if (!parse_uint(val, &n) && n && n < size.min) {
		snprintf(mib, sizeof(mib), "%" PRIu64 "M", n);
		val = mib;
	}
	return prop_set(base, &size, val, err);
}

static bool memory_show(const void *base, const struct prop *p, char *buf,
			size_t len)
{
	struct prop size = *p;

	size.kind = PROP_SIZE;
	return prop_show(base, &size, buf, len);
}

static const struct prop memory_keys[] = {
	{ .name = "size",
	  .arg = "SIZE",
	  .kind = PROP_CUSTOM,
	  .parse = memory_parse,
	  .show = memory_show,
	  .min = 16ull << 20,
	  .max = 64ull << 40,
	  .off = KEY(vm_memory, size),
	  .brief = "how much" },
	{ .name = "hugepages",
	  .kind = PROP_ENUM,
	  .choices = vm_hugepages_names,
	  .off = KEY(vm_memory, how.hugepages),
	  .brief = "back it with huge pages",
	  .detail = "2M, 16M (of POWER8 hosts) and 1G take pages that the "
		    "administrator has reserved; thp asks the kernel for "
		    "transparent huge pages, as far as "
		    "it has them.  auto is thp for ia64, where the engine "
		    "gains by it, and off elsewhere." },
	{ .name = "shared",
	  .kind = PROP_BOOL,
	  .off = KEY(vm_memory, how.shared),
	  .brief = "map it shared, so that another process can be given it" },
	{ .name = "prealloc",
	  .kind = PROP_BOOL,
	  .off = KEY(vm_memory, how.prealloc),
	  .brief = "take every page from the host before the guest starts" },
	{ 0 },
};

/* ---- --cpus and --cpu */

#define CPU_KEY(key_, field_, brief_)                                  \
	{                                                              \
		.name = key_, .arg = "N", .kind = PROP_UINT, .min = 1, \
		.max = VM_MAX_CPUS, .off = KEY(vm_cpus, field_),       \
		.brief = brief_                                        \
	}
static const struct prop cpus_keys[] = {
	CPU_KEY("count", count, "how many"),
	CPU_KEY("sockets", sockets, "sockets they are spread over"),
	CPU_KEY("cores", cores, "cores a socket"),
	CPU_KEY("threads", threads, "threads a core"),
	{ 0 },
};

/* "+avx2", "-smap", or what is more than a feature: "aarch64=off". */
static bool cpu_is_feature(const char *f, size_t len)
{
	const char *eq = memchr(f, '=', len);
	size_t val = eq ? len - (size_t)(eq + 1 - f) : 0;

	if (!eq)
		return len >= 2 && (*f == '+' || *f == '-');
	return eq > f && ((val == 2 && !memcmp(eq + 1, "on", 2)) ||
			  (val == 3 && !memcmp(eq + 1, "off", 3)));
}

/* "host,+avx2,-smap": the model, then features, each with its sign. */
static int cpu_parse(void *base, const struct prop *p, const char *val,
		     struct err *err)
{
	struct vm_config *vm = &((struct config *)base)->vm;
	size_t model = strcspn(val, ",");

	if (!model)
		return err_set(err, EINVAL, "%s needs a model before ','",
			       p->name);
	for (const char *f = val + model; *f; f += strcspn(f, ",")) {
		size_t len = strcspn(++f, ",");

		if (cpu_is_feature(f, len))
			continue;
		err_set(err, EINVAL, "%s: '%.*s' is not a feature", p->name,
			(int)len, f);
		err_hint(err, "write +NAME to add a feature, -NAME to hide it");
		return -EINVAL;
	}
	return config_string(&vm->cpu, val, strlen(val), err);
}

static bool cpu_show(const void *base,
		     const struct prop *p __attribute__((unused)), char *buf,
		     size_t len)
{
	const struct vm_config *vm = &((const struct config *)base)->vm;

	if (vm->cpu)
		snprintf(buf, len, "%s", vm->cpu);
	return vm->cpu;
}

/* ---- --pin vcpuN=cpulist */

/* One "4" or "0-3" at *s, which moves past it. */
static int cpulist_range(const char **s, cpu_set_t *set)
{
	char *end;
	unsigned long from, to;

	if (!isdigit((unsigned char)**s))
		return -EINVAL;
	from = to = strtoul(*s, &end, 10);
	if (*end == '-') {
		if (!isdigit((unsigned char)end[1]))
			return -EINVAL;
		to = strtoul(end + 1, &end, 10);
	}
	if (from > to || to >= CPU_SETSIZE)
		return -ERANGE;
	for (; from <= to; from++)
		CPU_SET(from, set);
	*s = end;
	return 0;
}

static int cpulist_parse(const char *s, cpu_set_t *set)
{
	int ret;

	CPU_ZERO(set);
	for (;;) {
		ret = cpulist_range(&s, set);
		if (ret || !*s)
			return ret;
		if (*s++ != ',')
			return -EINVAL;
	}
}

/* As cpulist_parse() reads it, with sep between the ranges. */
static bool cpulist_show(const cpu_set_t *set, const char *sep, char *buf,
			 size_t len)
{
	size_t n = 0;

	for (int i = 0, end; i < CPU_SETSIZE && n < len; i = end + 1) {
		end = i;
		if (!CPU_ISSET(i, set))
			continue;
		while (end + 1 < CPU_SETSIZE && CPU_ISSET(end + 1, set))
			end++;
		n += snprintf(buf + n, len - n, end > i ? "%s%d-%d" : "%s%d",
			      n ? sep : "", i, end);
	}
	return n;
}

static int pin_parse(void *base, const struct prop *p, const char *val,
		     struct err *err)
{
	struct vm_pin *pin = base;
	const char *eq = strchr(val, '=');
	char number[8];
	uint64_t n = 0;
	int ret;

	if (strncmp(val, "vcpu", 4) || !eq ||
	    eq - val - 4 >= (int)sizeof(number)) {
		err_set(err, EINVAL, "%s must be vcpuN=cpulist, not '%.160s'",
			p->name, val);
		err_hint(err, "for example %s vcpu0=2 or %s vcpu1=0-3,8",
			 p->name, p->name);
		return -EINVAL;
	}
	snprintf(number, sizeof(number), "%.*s", (int)(eq - val - 4), val + 4);
	if (parse_uint(number, &n) || n >= VM_MAX_CPUS)
		return err_set(err, EINVAL,
			       "%s: 'vcpu%s' is not one of vcpu0 to vcpu%d",
			       p->name, number, VM_MAX_CPUS - 1);
	ret = cpulist_parse(eq + 1, &pin->cpus);
	if (ret == -ERANGE)
		return err_set(err, ERANGE,
			       "%s: host CPUs in '%.160s' must be 0 to %d, "
			       "ascending",
			       p->name, eq + 1, CPU_SETSIZE - 1);
	if (ret)
		return err_set(err, EINVAL,
			       "%s: '%.160s' is not a list of CPUs such as "
			       "0-3,8",
			       p->name, eq + 1);
	pin->vcpu = n;
	return 0;
}

static bool pin_show(const void *base,
		     const struct prop *p __attribute__((unused)), char *buf,
		     size_t len)
{
	const struct vm_pin *pin = base;
	size_t n = snprintf(buf, len, "vcpu%u=", pin->vcpu);

	return cpulist_show(&pin->cpus, ",", buf + n, len - n);
}

/* ---- --numa node=N,cpus=CPULIST,memory=SIZE,distances=N:N:... */

static int numa_cpus_parse(void *base, const struct prop *p, const char *val,
			   struct err *err)
{
	struct vm_numa *node = base;
	cpu_set_t more;
	int ret = cpulist_parse(val, &more);

	CPU_OR(&node->cpus, &node->cpus, &more);
	if (ret == -ERANGE)
		return err_set(err, ERANGE,
			       "%s in '%.160s' must be 0 to %d, ascending",
			       p->name, val, VM_MAX_CPUS - 1);
	if (ret)
		return err_set(err, EINVAL,
			       "%s: '%.160s' is not a list of CPUs such as "
			       "0-3",
			       p->name, val);
	return 0;
}

static bool numa_cpus_show(const void *base,
			   const struct prop *p __attribute__((unused)),
			   char *buf, size_t len)
{
	const struct vm_numa *node = base;

	return cpulist_show(&node->cpus, ",cpus=", buf, len);
}

static int numa_distances_parse(void *base, const struct prop *p,
				const char *val, struct err *err)
{
	struct vm_numa *node = base;
	const char *at = val;
	char *end;

	for (node->ndistances = 0; node->ndistances < BOARD_MAX_NODES;
	     at = end + 1) {
		unsigned long n = strtoul(at, &end, 10);

		if (*at < '0' || *at > '9' || n < 10 || n > 254)
			break;
		node->distance[node->ndistances++] = (uint8_t)n;
		if (!*end)
			return 0;
		if (*end != ':')
			break;
	}
	return err_set(err, EINVAL,
		       "%s: '%.160s' is not a list of numbers, 10 to 254, such "
		       "as 10:20",
		       p->name, val);
}

static bool numa_distances_show(const void *base,
				const struct prop *p __attribute__((unused)),
				char *buf, size_t len)
{
	const struct vm_numa *node = base;
	size_t n = 0;

	for (unsigned i = 0; i < node->ndistances && n < len; i++)
		n += snprintf(buf + n, len - n, "%s%u", i ? ":" : "",
			      node->distance[i]);
	return n;
}

static const struct prop numa_keys[] = {
	{ .name = "node",
	  .arg = "N",
	  .kind = PROP_UINT,
	  .max = BOARD_MAX_NODES - 1,
	  .off = KEY(vm_numa, node),
	  .brief = "its number, from 0" },
	{ .name = "cpus",
	  .arg = "CPULIST",
	  .kind = PROP_CUSTOM,
	  .many = true,
	  .parse = numa_cpus_parse,
	  .show = numa_cpus_show,
	  .brief = "the virtual CPUs that are near",
	  .detail = "For example cpus=0-1,cpus=4. Where no node has any, each "
		    "gets a share of them, in order." },
	{ .name = "memory",
	  .arg = "SIZE",
	  .kind = PROP_SIZE,
	  .min = 1ull << 20,
	  .off = KEY(vm_numa, memory),
	  .brief = "how much of the memory",
	  .detail = "Where it is left out, a share of what the other nodes "
		    "leave of --memory." },
	{ .name = "distances",
	  .arg = "N:N...",
	  .kind = PROP_CUSTOM,
	  .parse = numa_distances_parse,
	  .show = numa_distances_show,
	  .brief = "how far it is to node 0, 1 and so on",
	  .detail = "As ACPI's SLIT counts: 10 to itself, up to 254 to others. "
		    "What is left out is as the other node says, or 20." },
	{ 0 },
};

/* ---- --rtc utc|localtime|DATE */

static int rtc_parse(void *base, const struct prop *p, const char *val,
		     struct err *err)
{
	struct vm_config *vm = &((struct config *)base)->vm;
	struct tm tm = { 0 };
	const char *end;

	if (!strcmp(val, "utc") || !strcmp(val, "localtime")) {
		vm->rtc = *val == 'u' ? VM_RTC_UTC : VM_RTC_LOCALTIME;
		return 0;
	}
	end = strptime(val, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!end || *end) {
		err_set(err, EINVAL,
			"%s must be utc, localtime or a date, not '%.160s'",
			p->name, val);
		err_hint(err, "write a date as 2026-11-21T12:00:00, in UTC");
		return -EINVAL;
	}
	vm->rtc = VM_RTC_FIXED;
	vm->rtc_epoch = timegm(&tm);
	return 0;
}

static bool rtc_show(const void *base,
		     const struct prop *p __attribute__((unused)), char *buf,
		     size_t len)
{
	const struct vm_config *vm = &((const struct config *)base)->vm;
	time_t t = vm->rtc_epoch;
	struct tm tm;

	if (vm->rtc != VM_RTC_FIXED)
		snprintf(buf, len, "%s",
			 vm->rtc == VM_RTC_UTC ? "utc" : "localtime");
	else if (!gmtime_r(&t, &tm) ||
		 !strftime(buf, len, "%Y-%m-%dT%H:%M:%S", &tm))
		return false;
	return true;
}

/* ---- --disk and --net: short for a --device */

/* "FILE,..." becomes "file=FILE,...": the properties of one more device. */
static int shorthand_add(struct vm_config *vm, const char *class,
			 const char *first, const char *val, struct err *err)
{
	bool named = memchr(val, '=', strcspn(val, ","));
	struct vm_device *d;

	d = reallocarray(vm->devices, vm->ndevices + 1, sizeof(*d));
	if (!d)
		return err_nomem(err, "a device");
	vm->devices = d;
	d += vm->ndevices++;
	*d = (struct vm_device){ .name = strdup(class) };
	if (!d->name || asprintf(&d->props, "%s%s%s", named ? "" : first,
				 named ? "" : "=", val) < 0) {
		d->props = NULL;
		return err_nomem(err, "a device");
	}
	return 0;
}

/* "-d readonly=on" names no file. */
static int shorthand_need(const struct device *dev, const char *key,
			  struct err *err)
{
	const struct prop *p = prop_find(dev->class->props, key);
	char buf[16];

	if (prop_show(dev, p, buf, sizeof(buf)))
		return 0;
	return err_set(err, EINVAL, "it lacks its %s", key);
}

/*
 * Checks val by the class's own table, on a device that is dropped again, and
 * adds it to the machine's.
 */
static int shorthand_parse(void *base, const struct prop *p, const char *val,
			   const char *name, const char *first, struct err *err)
{
	const struct device_class *class = virt_function(name);
	struct device *dev = device_new(class, name);
	int ret;

	if (!dev)
		return err_nomem(err, name);
	ret = prop_parse(dev, class->props, first, val, err);
	if (!ret)
		ret = shorthand_need(dev, first, err);
	device_free(dev);
	if (ret)
		return err_prefix(err, "%s%s%.160s: ", p->name, *val ? " " : "",
				  val);
	return shorthand_add(&((struct config *)base)->vm, name, first, val,
			     err);
}

static const struct prop *disk_keys(void)
{
	return virt_function("virtio-blk")->props;
}

static int disk_parse(void *base, const struct prop *p, const char *val,
		      struct err *err)
{
	return shorthand_parse(base, p, val, "virtio-blk", "file", err);
}

static const struct prop *net_keys(void)
{
	return virt_function("virtio-net")->props;
}

static int net_parse(void *base, const struct prop *p, const char *val,
		     struct err *err)
{
	if (strcmp(val, "none"))
		return shorthand_parse(base, p, val, "virtio-net", "kind", err);
	((struct config *)base)->vm.net_none = true;
	return 0;
}

/* The devices appear as --device does; what is left is to want none. */
static bool net_show(const void *base,
		     const struct prop *p __attribute__((unused)), char *buf,
		     size_t len)
{
	snprintf(buf, len, "none");
	return ((const struct config *)base)->vm.net_none;
}

/* ---- --device NAME[,key=value...]: its class parses the keys */

static int device_parse(void *base, const struct prop *p, const char *val,
			struct err *err)
{
	struct vm_device *d = base;
	size_t name = strcspn(val, ",");

	if (!name || memchr(val, '=', name)) {
		err_set(err, EINVAL, "%s must begin with a device's name",
			p->name);
		err_hint(err, "'%s help' lists the devices", p->name);
		return -EINVAL;
	}
	if (config_string(&d->name, val, name, err))
		return -ENOMEM;
	if (!val[name])
		return 0;
	return config_string(&d->props, val + name + 1, strlen(val + name + 1),
			     err);
}

static bool device_show(const void *base,
			const struct prop *p __attribute__((unused)), char *buf,
			size_t len)
{
	const struct vm_device *d = base;

	if (!d->name)
		return false;
	snprintf(buf, len, "%s%s%s", d->name, d->props ? "," : "",
		 d->props ? d->props : "");
	return true;
}

/* ---- --log LEVEL|FILE */

static const char *const log_names[] = { "error", "warn", "info", "debug",
					 NULL };

static const char *log_nth_name(const void *ctx __attribute__((unused)),
				size_t i)
{
	return log_names[i];
}

/* The switch of guest-insn, or of guest-insn-counts. */
static bool *log_insn(struct config_log *log, const char *name)
{
	return strcmp(name, "guest-insn") ? &log->insn_counts : &log->insn;
}

static int log_insn_parse(void *base, const struct prop *p, const char *val,
			  struct err *err)
{
	if (strcmp(val, "on") && strcmp(val, "off"))
		return err_set(err, EINVAL, "%s must be on or off, not '%s'",
			       p->name, val);
	*log_insn(base, p->name) = !strcmp(val, "on");
	return 0;
}

static bool log_insn_show(const void *base, const struct prop *p, char *buf,
			  size_t len)
{
	const struct config_log *log = base;

	snprintf(buf, len, "on");
	return strcmp(p->name, "guest-insn") ? log->insn_counts : log->insn;
}

static int log_level_parse(void *base, const struct prop *p, const char *val,
			   struct err *err)
{
	struct config_log *log = base;
	const char *near;

	for (int i = 0; log_names[i]; i++) {
		if (!strcmp(val, log_names[i])) {
			log->level = i;
			return 0;
		}
	}
	if (!strcmp(val, "guest-insn") || !strcmp(val, "guest-insn-counts")) {
		*log_insn(log, val) = true;
		return 0;
	}
	if (strpbrk(val, "/."))
		return config_string(&log->file, val, strlen(val), err);
	err_set(err, EINVAL,
		"%s must be error, warn, info, debug, guest-insn, "
		"guest-insn-counts or a file, not '%s'",
		p->name, val);
	near = nearest_word(val, log_nth_name, NULL);
	if (near)
		err_hint(err, "did you mean '%s'?", near);
	else
		err_hint(err, "write ./%s for a file of that name", val);
	return -EINVAL;
}

static bool log_level_show(const void *base,
			   const struct prop *p __attribute__((unused)),
			   char *buf, size_t len)
{
	const struct config_log *log = base;

	if (log->level >= 0)
		snprintf(buf, len, "%s", log_names[log->level]);
	return log->level >= 0;
}

enum log_level config_log_level(const struct config_log *log)
{
	if (log->level >= 0)
		return log->level;
	return log->file ? LOG_LEVEL_INFO : LOG_LEVEL_WARN;
}

static const struct prop log_keys[] = {
	{ .name = "level",
	  .arg = "LEVEL|FILE",
	  .kind = PROP_CUSTOM,
	  .parse = log_level_parse,
	  .show = log_level_show,
	  .brief = "error, warn, info or debug; or the file",
	  .detail = "A word with a dot or a slash in it is a file's name. "
		    "guest-insn tells each instruction that an ia64 guest "
		    "executes, guest-insn-counts at the end how often each "
		    "kind was; both are slow." },
	{ .name = "file",
	  .arg = "FILE",
	  .kind = PROP_STR,
	  .min = 1,
	  .max = 4095,
	  .off = KEY(config_log, file),
	  .brief = "append to this file instead of standard error" },
	{ .name = "guest-insn",
	  .arg = "on|off",
	  .kind = PROP_CUSTOM,
	  .parse = log_insn_parse,
	  .show = log_insn_show,
	  .brief = "tell each instruction that an ia64 guest executes" },
	{ .name = "guest-insn-counts",
	  .arg = "on|off",
	  .kind = PROP_CUSTOM,
	  .parse = log_insn_parse,
	  .show = log_insn_show,
	  .brief = "tell at the end how often each kind was executed" },
	{ 0 },
};

static int gdb_parse(void *base, const struct prop *p, const char *val,
		     struct err *err)
{
	struct config *c = base;
	const char *fault = gdbstub_spec_fault(val);

	if (fault) {
		err_set(err, EINVAL, "%s '%s': %s", p->name, val, fault);
		err_hint(err, "for example --gdb tcp:127.0.0.1:1234");
		return -EINVAL;
	}
	return config_string(&c->gdb, val, strlen(val), err);
}

static bool gdb_show(const void *base,
		     const struct prop *p __attribute__((unused)), char *buf,
		     size_t len)
{
	const struct config *c = base;

	if (c->gdb)
		snprintf(buf, len, "%s", c->gdb);
	return c->gdb;
}

/* ---- the tables */

static const struct prop machine_keys[] = {
	{ .name = "type",
	  .kind = PROP_ENUM,
	  .choices = vm_machine_names,
	  .off = CFG(vm.machine),
	  .brief = "the machine's type" },
	{ .name = "acpi",
	  .kind = PROP_ENUM,
	  .choices = vm_acpi_names,
	  .off = CFG(vm.acpi),
	  .brief = "ACPI tables for the guest",
	  .detail = "On x86_64 there are, unless this is off. On arm64 a "
		    "kernel gets a device tree, and with acpi=force on its "
		    "command line ACPI as well, by way of EFI tables that "
		    "need no firmware; on hands it nothing else, so that it "
		    "uses ACPI unasked." },
	{ .name = "pit",
	  .kind = PROP_BOOL,
	  .off = CFG(vm.pit),
	  .brief = "x86_64: an 8254 timer as well" },
	{ .name = "mmu",
	  .kind = PROP_ENUM,
	  .choices = vm_mmu_names,
	  .off = CFG(vm.mmu),
	  .brief = "ppc64le: how the guest translates addresses",
	  .detail = "By a radix tree where the host can, else by a hash "
		    "table." },
	{ .name = "kvm-type",
	  .kind = PROP_ENUM,
	  .choices = vm_kvm_type_names,
	  .off = CFG(vm.kvm_type),
	  .brief = "ppc64le: which of the host's two kinds of KVM runs it",
	  .detail = "hv uses the processor's hypervisor mode, pr runs guests "
		    "as programs; auto is the host's choice." },
	{ .name = "nested",
	  .kind = PROP_BOOL,
	  .off = CFG(vm.nested),
	  .brief = "ppc64le: the guest may have guests of its own",
	  .detail = "KVM-HV has it for radix guests of POWER9 and later." },
	{ 0 },
};

const struct opt config_machine_opts[] = {
	{ .group = "What boots",
	  .letter = 'k',
	  .file = true,
	  .prop = { .name = "kernel",
		    .arg = "FILE",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = CFG(vm.kernel),
		    .brief = "the guest's kernel",
		    .detail =
			    "On x86_64 a bzImage, an ELF vmlinux, a PVH or a "
			    "multiboot image. On arm64 an Image, compressed "
			    "or not, an EFI zboot image (vmlinuz.efi), an "
			    "ELF vmlinux or a uImage; for CPUs in AArch32 "
			    "a zImage. On ppc64le an ELF vmlinux or zImage of "
			    "either byte order. On ia64 an ELF vmlinux, "
			    "compressed or not. Without one, a small "
			    "demonstration guest tells what machine it "
			    "finds." } },
	{ .letter = 'i',
	  .file = true,
	  .prop = { .name = "initrd",
		    .arg = "FILE",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = CFG(vm.initrd),
		    .brief = "its initial RAM disk" } },
	{ .file = true,
	  .prop = { .name = "dtb",
		    .arg = "FILE",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = CFG(vm.dtb),
		    .brief = "the device tree, instead of the machine's own",
		    .detail = "On arm64. What the kernel is told at its start "
			      "(the command line, where the initrd is) is "
			      "still put into it. vmm dump fdt writes one to "
			      "begin with; its interrupt controller must be "
			      "the machine's (--irqchip, --cpus)." } },
	{ .file = true,
	  .prop = { .name = "firmware",
		    .arg = "FILE",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = CFG(vm.firmware),
		    .brief = "start this firmware, which boots what it finds",
		    .detail = "On arm64, for example "
			      "/usr/share/AAVMF/AAVMF_CODE.fd, or U-Boot's "
			      "u-boot.bin for qemu_arm64. It is read-only "
			      "flash; a kernel given as well is offered to "
			      "it. On ppc64le, SLOF: "
			      "/usr/share/qemu/slof.bin of Debian's "
			      "qemu-system-data, which boots the kernel that "
			      "is given as well, or a disk." } },
	{ .file = true,
	  .prop = { .name = "pflash",
		    .arg = "FILE",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = CFG(vm.pflash),
		    .brief = "the firmware's variables, kept in this file",
		    .detail = "The second bank of flash. Begin with a copy of "
			      "/usr/share/AAVMF/AAVMF_VARS.fd." } },
	{ .letter = 'p',
	  .prop = { .name = "append",
		    .arg = "TEXT",
		    .kind = PROP_STR,
		    .max = 65535,
		    .off = CFG(vm.append),
		    .brief = "its command line",
		    .detail = "Replaces the default one, which names the "
			      "console." } },
	{ .prop = { .name = "kernel-entry",
		    .kind = PROP_ENUM,
		    .choices = boot_entry_names,
		    .off = CFG(vm.kernel_entry),
		    .brief = "how it is entered (default fast)",
		    .detail = "fast takes the quickest way that "
			      "the file has: where a bzImage is compressed, "
			      "vmm unpacks it on the host. compressed leaves "
			      "that to the kernel's own code, as any other "
			      "machine does. linux, pvh and multiboot insist "
			      "on one entry of an ELF file." } },
	{ .prop = { .name = "kaslr",
		    .kind = PROP_ENUM,
		    .choices = vm_kaslr_names,
		    .off = CFG(vm.kaslr),
		    .brief = "load the kernel at a random address (default "
			     "auto)",
		    .detail = "auto is on, but off with --gdb: the symbols of "
			      "a kernel that was not moved match." } },

	{ .group = "The machine",
	  .prop = { .name = "arch",
		    .kind = PROP_ENUM,
		    .choices = vm_arch_names,
		    .off = CFG(vm.arch),
		    .brief = "architecture (default: the host's)" } },
	{ .keys = machine_keys,
	  .first = "type",
	  .prop = { .name = "machine", .brief = "the type of machine" } },
	{ .letter = 'c',
	  .keys = cpus_keys,
	  .first = "count",
	  .prop = { .name = "cpus",
		    .off = CFG(vm.cpus),
		    .brief = "virtual CPUs (default 1)",
		    .detail = "Each runs on a thread of its own, named "
			      "vcpu/N. What is left out of the topology "
			      "follows from the rest; by default all CPUs are "
			      "cores of one socket." } },
	{ .prop = { .name = "cpu",
		    .arg = "host|NAME[,+FEATURE][,-FEATURE]",
		    .kind = PROP_CUSTOM,
		    .parse = cpu_parse,
		    .show = cpu_show,
		    .brief = "CPU model, features added and hidden (default "
			     "host)",
		    .detail = "On x86_64 NAME is x86-64-v1 to x86-64-v4, the "
			      "levels of the psABI, for guests that are to run "
			      "on several hosts; features are named as in "
			      "/proc/cpuinfo, and none is offered that the "
			      "host's KVM lacks. On arm64, aarch64=off makes "
			      "the CPUs start in AArch32, for a 32-bit "
			      "kernel. On ia64, -paravirt hides the engine's "
			      "paravirtual interface." } },
	{ .letter = 'm',
	  .keys = memory_keys,
	  .first = "size",
	  .prop = { .name = "memory",
		    .off = CFG(vm.memory),
		    .brief = "memory (default 512M)",
		    .detail = "SIZE takes K, M, G or T; a small number "
			      "without a unit counts mebibytes." } },
	{ .elem_size = sizeof(struct vm_numa),
	  .count_off = CFG(vm.nnuma),
	  .keys = numa_keys,
	  .first = "node",
	  .prop = { .name = "numa",
		    .off = CFG(vm.numa),
		    .brief = "add a NUMA node",
		    .detail = "The nodes together have all the memory and all "
			      "the CPUs. Unless --cpus says otherwise, the "
			      "CPUs of a node are a socket." } },
	{ .prop = { .name = "accel",
		    .kind = PROP_ENUM,
		    .choices = vm_accel_names,
		    .off = CFG(vm.accel),
		    .brief = "what runs the CPUs (default auto)",
		    .detail = "kvm runs guests of the host's own architecture, "
			      "ia64 is vmm's engine for such guests, on any "
			      "host. auto takes the one that fits." } },
	{ .prop = { .name = "irqchip",
		    .arg = "auto|NAME",
		    .kind = PROP_ENUM,
		    .choices = vm_irqchip_names,
		    .off = CFG(vm.irqchip),
		    .brief = "the interrupt controllers, and where they are "
			     "emulated (default auto)",
		    .detail = "auto is the best that the host offers. On "
			      "x86_64, kernel leaves all of them to KVM, and "
			      "split what KVM must do. On arm64, gicv3-its, "
			      "gicv3 (its messages by a GICv2m frame), gicv2m "
			      "and gicv2 (no messages) are KVM's; software is "
			      "a GICv2 with such a frame in vmm. On ppc64le, "
			      "kernel-xics is KVM's, xics is in vmm, and xive "
			      "is KVM's on POWER9 and later, which guests "
			      "drive without exits: with firmware, a kernel "
			      "that knows only XICS gets that." } },
	{ .prop = { .name = "transport",
		    .kind = PROP_ENUM,
		    .choices = vm_transport_names,
		    .off = CFG(vm.transport),
		    .brief = "how virtio devices appear (default pci)" } },
	{ .prop = { .name = "rtc",
		    .arg = "utc|localtime|DATE",
		    .kind = PROP_CUSTOM,
		    .parse = rtc_parse,
		    .show = rtc_show,
		    .brief = "what the clock says at the start (default utc)",
		    .detail = "A date is written as 2026-11-21T12:00:00." } },
	{ .prop = { .name = "name",
		    .arg = "TEXT",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 64,
		    .off = CFG(vm.name),
		    .brief = "the machine's name, in the process list" } },

	{ .group = "Devices",
	  .letter = 'd',
	  .find_keys = disk_keys,
	  .first = "file",
	  .file = true,
	  .prop = { .name = "disk",
		    .kind = PROP_CUSTOM,
		    .parse = disk_parse,
		    .many = true,
		    .brief = "add a virtio disk",
		    .detail = "Short for --device virtio-blk,file=FILE. A "
			      "comma in the file's name is written twice." } },
	{ .letter = 'n',
	  .find_keys = net_keys,
	  .first = "kind",
	  .prop = { .name = "net",
		    .arg = "user|tap|none[,key=value...]",
		    .kind = PROP_CUSTOM,
		    .parse = net_parse,
		    .show = net_show,
		    .many = true,
		    .brief = "add a virtio network device",
		    .detail = "Short for --device virtio-net; none says that "
			      "there shall be no network." } },
	{ .prop = { .name = "serial",
		    .arg = "stdio|null|file:PATH|unix:PATH|pty",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = CFG(vm.serial),
		    .brief = "where the serial port goes (default stdio)",
		    .detail = "On a terminal, Ctrl-A x quits and Ctrl-A h "
			      "helps." } },
	{ .prop = { .name = "console",
		    .arg = "stdio|null|file:PATH|unix:PATH|pty",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = CFG(vm.console),
		    .brief = "add a virtio console, and where it goes" } },
	{ .elem_size = sizeof(struct vm_device),
	  .count_off = CFG(vm.ndevices),
	  .prop = { .name = "device",
		    .arg = "NAME[,key=value...]",
		    .kind = PROP_CUSTOM,
		    .parse = device_parse,
		    .show = device_show,
		    .off = CFG(vm.devices),
		    .brief = "add another device; 'help' lists them",
		    .detail = "NAME,help lists the keys of a device." } },
	{ .elem_size = sizeof(char *),
	  .count_off = CFG(vm.niothreads),
	  .prop = { .name = "iothread",
		    .arg = "NAME",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 12,
		    .off = CFG(vm.iothreads),
		    .brief = "add an I/O thread, for iothread=NAME",
		    .detail = "It is named io/NAME." } },
	{ .prop = { 0 } },
};

const struct opt config_run_opts[] = {
	{ .group = "How it runs",
	  .prop = { .name = "timeout",
		    .arg = "SECONDS",
		    .kind = PROP_UINT,
		    .min = 1,
		    .max = 31536000,
		    .off = CFG(vm.timeout_s),
		    .brief = "stop after so long, with status 124" } },
	{ .prop = { .name = "expect",
		    .arg = "REGEX",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = CFG(vm.expect),
		    .brief = "succeed once the console prints such a line",
		    .detail = "An extended regular expression. If the guest "
			      "ends before, the status is 123." } },
	{ .prop = { .name = "fail-on",
		    .arg = "REGEX",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = CFG(vm.fail_on),
		    .brief = "stop with status 123 once it prints such a "
			     "line" } },
	{ .prop = { .name = "gdb",
		    .arg = "tcp:HOST:PORT|unix:PATH|stdio",
		    .kind = PROP_CUSTOM,
		    .parse = gdb_parse,
		    .show = gdb_show,
		    .brief = "serve a debugger there",
		    .detail = "gdb's 'target remote HOST:PORT' (or PATH, or "
			      "'| vmm run --gdb stdio ...') stops the machine "
			      "and debugs its kernel; when it leaves, the "
			      "machine runs on. HOST is an address in numbers; "
			      "without it, it is this host only. Whoever can "
			      "connect controls the guest "
			      "and reads all of its memory. What this host's "
			      "KVM cannot stop at is said at the start; "
			      "docs/debugging.md has a session for each "
			      "target." } },
	{ .flag = true,
	  .prop = { .name = "wait-gdb",
		    .kind = PROP_BOOL,
		    .off = CFG(wait_gdb),
		    .brief = "run nothing before a debugger says so",
		    .detail = "The first stop is before the guest's first "
			      "instruction." } },
	{ .prop = { .name = "on-reboot",
		    .kind = PROP_ENUM,
		    .choices = vm_on_reboot_names,
		    .off = CFG(vm.on_reboot),
		    .brief = "when the guest resets the machine (default "
			     "reboot)",
		    .detail = "exit ends vmm with status 122." } },
	{ .prop = { .name = "on-panic",
		    .kind = PROP_ENUM,
		    .choices = vm_on_panic_names,
		    .off = CFG(vm.on_panic),
		    .brief = "when the guest's kernel panics (default exit)",
		    .detail = "exit ends vmm with status 120; stay leaves the "
			      "guest to itself." } },
	{ .elem_size = sizeof(struct vm_pin),
	  .count_off = CFG(vm.npins),
	  .prop = { .name = "pin",
		    .arg = "vcpuN=CPULIST",
		    .kind = PROP_CUSTOM,
		    .parse = pin_parse,
		    .show = pin_show,
		    .off = CFG(vm.pins),
		    .brief = "run a virtual CPU on these host CPUs only" } },
	{ .keys = log_keys,
	  .first = "level",
	  .prop = { .name = "log",
		    .off = CFG(log),
		    .brief = "what vmm tells, and where (default warn)",
		    .detail = "What a guest does wrong is a warning, and "
			      "limited in rate." } },
	{ .flag = true,
	  .prop = { .name = "dry-run",
		    .kind = PROP_BOOL,
		    .off = CFG(dry_run),
		    .brief = "check and print the configuration, start "
			     "nothing" } },
	{ .prop = { 0 } },
};
