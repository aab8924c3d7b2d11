/* SPDX-License-Identifier: MIT */
/* --device help: the devices there are, and the properties of each. */
#include <string.h>

#include "cmd/config.h"
#include "machine/virt/virt.h"

static void device_help_all(enum arch a, FILE *f)
{
	const struct device_class *c;
	const char *name;

	fprintf(f, "Devices of --device for %s:\n", arch_name(a));
	for (size_t i = 0; (c = virt_nth_device(a, i, &name)); i++)
		fprintf(f, "  %-20s %s\n", name, c->brief ? c->brief : "");
	fputs("--device NAME,help lists the properties of one.\n", f);
}

static int device_help_one(enum arch a, const char *name, FILE *f,
			   struct err *err)
{
	const struct device_class *c = virt_find_device(a, name, err);
	char val[128];

	if (!c)
		return -err->code;
	fprintf(f, "%s: %s\n", name, c->brief ? c->brief : c->name);
	for (const struct prop *p = c->props; p && p->name; p++) {
		int n = fprintf(f, "  %s=%s", p->name,
				prop_placeholder(p, val, sizeof(val)));

		fprintf(f, "%*s%s\n", n < 30 ? 30 - n : 1, "", p->brief);
	}
	if (!c->props || !c->props->name)
		fputs("It has no properties.\n", f);
	return 1;
}

int config_device_help(const struct config *c, FILE *f, struct err *err)
{
	enum arch a = (enum arch)c->vm.arch;

	for (unsigned i = 0; i < c->vm.ndevices; i++) {
		const struct vm_device *d = &c->vm.devices[i];

		if (!strcmp(d->name, "help")) {
			device_help_all(a, f);
			return 1;
		}
		if (d->props && !strcmp(d->props, "help"))
			return device_help_one(a, d->name, f, err);
	}
	return 0;
}
