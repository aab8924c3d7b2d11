/* SPDX-License-Identifier: MIT */
/* `vmm check`: what this host offers, and what follows from it. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <jansson.h>
#include <liburing.h>

#include "cmd/cmd.h"
#include "cmd/config.h"
#include "cpu/accel.h"
#include "cpu/probe.h"
#include "machine/virt/virt.h"

#define CHECK_MAX 16

/* What the host has beside KVM. */
struct check_host {
	struct probe_item item[CHECK_MAX];
	unsigned n;
};

static void check_add(struct check_host *h, const char *key, const char *name,
		      bool have, uint64_t value, const char *means)
{
	h->item[h->n++] = (struct probe_item){ .key = key,
					       .name = name,
					       .have = have,
					       .value = value,
					       .means = means };
}

static bool check_can_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static uint64_t check_read_number(const char *path)
{
	unsigned long long n = 0;
	FILE *f = fopen(path, "re");

	if (!f)
		return 0;
	if (fscanf(f, "%llu", &n) != 1)
		n = 0;
	fclose(f);
	return n;
}

/* /dev/vfio holds a file a group, named by its number. */
static unsigned check_vfio_groups(void)
{
	DIR *dir = opendir("/dev/vfio");
	const struct dirent *d;
	unsigned n = 0;

	while (dir && (d = readdir(dir)))
		n += isdigit((unsigned char)d->d_name[0]) != 0;
	if (dir)
		closedir(dir);
	return n;
}

/* Reserved pages of each size that is anywhere; on most hosts 16M is not. */
static void check_huge_pages(struct check_host *h)
{
	static const struct {
		const char *kib, *key, *name, *means;
	} sizes[] = {
		{ "2048", "hugepages_2m", "free 2 MiB pages",
		  "--memory SIZE,hugepages=2M may use them" },
		{ "16384", "hugepages_16m", "free 16 MiB pages",
		  "--memory SIZE,hugepages=16M may use them" },
		{ "1048576", "hugepages_1g", "free 1 GiB pages",
		  "--memory SIZE,hugepages=1G may use them" },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		char path[128];
		uint64_t n;

		snprintf(path, sizeof(path),
			 "/sys/kernel/mm/hugepages/hugepages-%skB/"
			 "free_hugepages",
			 sizes[i].kib);
		n = check_read_number(path);
		check_add(h, sizes[i].key, sizes[i].name, n, n,
			  n ? sizes[i].means : NULL);
	}
}

static bool check_thp(void)
{
	char line[80] = "";
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	return line[0] && !strstr(line, "[never]");
}

static bool check_io_uring(void)
{
	struct io_uring ring;

	if (io_uring_queue_init(2, &ring, 0) < 0)
		return false;
	io_uring_queue_exit(&ring);
	return true;
}

static void check_host_fill(struct check_host *h)
{
	uint64_t n;
	bool have;

	have = check_io_uring();
	check_add(h, "io_uring", "io_uring", have, 0,
		  have ? "disks use it" : "disks use libaio or threads");
	have = check_can_open("/dev/net/tun");
	check_add(h, "tun", "tap interfaces", have, 0,
		  have ? "--net tap works, given a tap interface or the right "
			 "to create one"
		       : "--net user works, --net tap does not");
	have = check_can_open("/dev/vhost-net");
	check_add(h, "vhost_net", "vhost-net", have, 0, NULL);
	have = check_can_open("/dev/vhost-vsock");
	check_add(h, "vhost_vsock", "vhost-vsock", have, 0, NULL);
	n = check_vfio_groups();
	check_add(h, "vfio_groups", "VFIO groups", n, n,
		  n ? "bound devices can be passed through"
		    : "no device is bound to VFIO");
	check_huge_pages(h);
	have = check_thp();
	check_add(h, "thp", "transparent huge pages", have, 0,
		  have ? "--memory SIZE,hugepages=thp may use them" : NULL);
}

/* ---- for people */

static void check_print_items(const struct probe_item *item, unsigned n)
{
	for (; n--; item++) {
		printf("  %-32s %s", item->name, item->have ? "yes" : "no");
		if (item->value)
			printf(" %" PRIu64, item->value);
		if (item->means)
			printf(": %s", item->means);
		putchar('\n');
	}
}

static void check_print_speed(const struct probe *p)
{
	static const char name[] = "guest kernel code";
	uint64_t mips = p->instr_per_s / 1000000;

	switch (p->speed) {
	case SPEED_NATIVE:
		/* One exit's jitter is in it: an order of magnitude. */
		printf("  %-32s native\n", name);
		break;
	case SPEED_EMULATED:
		printf("  %-32s EMULATED, at %" PRIu64 ".%" PRIu64
		       " million instructions a second\n",
		       name, mips, p->instr_per_s / 100000 % 10);
		break;
	case SPEED_UNKNOWN: printf("  %-32s not measured\n", name); break;
	}
}

static void check_print(const struct probe *p, const struct check_host *h,
			const struct err *err)
{
	struct utsname u;

	if (uname(&u))
		return;
	printf("Host: Linux %s on %s, vmm %s for %s\n\nKVM\n", u.release,
	       u.machine, VMM_VERSION, VMM_ARCH);
	if (p->api_version) {
		printf("  %-32s yes version %d\n", "/dev/kvm", p->api_version);
		printf("  %-32s %u; up to %u run well\n",
		       "CPUs a guest may have", p->max_vcpus,
		       p->recommended_vcpus);
		check_print_speed(p);
	} else {
		printf("  %-32s no\n", "/dev/kvm");
	}
	check_print_items(p->item, p->nitems);
	puts("\nHost");
	check_print_items(h->item, h->n);
	putchar('\n');
	if (err->code)
		puts("vmm run will NOT work here.");
	else if (p->speed == SPEED_EMULATED)
		puts("vmm run works for small guests only: this KVM executes a "
		     "guest's kernel in\nsoftware, too slowly and too "
		     "incompletely to boot a stock kernel.  Use a host\nwith "
		     "hardware virtualization for that.");
	else
		puts("vmm run will work here.");
}

/* ---- for programs */

static json_t *check_json_items(const struct probe_item *item, unsigned n)
{
	json_t *obj = json_object();

	for (; n--; item++) {
		if (item->value)
			json_object_set_new(
				obj, item->key,
				json_integer((json_int_t)item->value));
		else
			json_object_set_new(obj, item->key,
					    json_boolean(item->have));
	}
	return obj;
}

static int check_print_json(const struct probe *p, const struct check_host *h,
			    const struct err *err)
{
	static const char *const speed[] = { "unknown", "native", "emulated" };
	json_t *top;
	int ret;

	top = json_pack("{s:s, s:s, s:b, s:s?, s:{s:i, s:i, s:i, s:s, s:I, "
			"s:o}, s:o}",
			"version", VMM_VERSION, "arch", VMM_ARCH, "usable",
			!err->code, "error", err->code ? err->msg : NULL, "kvm",
			"api_version", p->api_version, "max_vcpus",
			(int)p->max_vcpus, "recommended_vcpus",
			(int)p->recommended_vcpus, "guest_kernel",
			speed[p->speed], "guest_instructions_per_second",
			(json_int_t)p->instr_per_s, "features",
			check_json_items(p->item, p->nitems), "host",
			check_json_items(h->item, h->n));
	if (!top)
		return -ENOMEM;
	ret = json_dumpf(top, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(top);
	return ret ? -EIO : 0;
}

/* ---- the command */

/* KVM is there: has this vmm what it takes to run the host's own guests? */
static void check_can_run(struct err *err)
{
	enum arch host = arch_from_name(VMM_ARCH);

	if (!virt_target(host))
		err_set(err, ENOTSUP, "there is no virt machine for %s yet",
			VMM_ARCH);
	else if (accel_find(NULL, target_find(host), err))
		err->code = 0;
}

static int check_run(struct config *c, struct err *err)
{
	struct check_host host = { .n = 0 };
	struct err why = { 0 };
	struct probe p;
	int ret;

	if (!probe_kvm(&p, &why))
		check_can_run(&why);
	check_host_fill(&host);
	if (c->json) {
		ret = check_print_json(&p, &host, &why);
		if (ret)
			return err_set(err, -ret, "cannot print as JSON");
	} else {
		check_print(&p, &host, &why);
	}
	if (!why.code)
		return 0;
	*err = why;
	return -why.code;
}

static const struct opt check_opts[] = {
	{ .flag = true,
	  .prop = { .name = "json",
		    .kind = PROP_BOOL,
		    .off = offsetof(struct config, json),
		    .brief = "print it for a program" } },
	{ .prop = { 0 } },
};
static const struct opt *const check_tables[] = { check_opts, NULL };

const struct command cmd_check = {
	.name = "check",
	.brief = "tell what this host offers",
	.detail = "Prints what KVM and the host can do, and what follows from "
		  "it. The status is 0 where vmm run works. Whether KVM runs a "
		  "guest's kernel on the CPU or emulates it is measured with a "
		  "tiny guest; where it is emulated, no stock kernel boots, "
		  "and --json says so in guest_kernel.",
	.options = check_tables,
	.run = check_run,
};
