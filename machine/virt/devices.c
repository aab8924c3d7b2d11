/* SPDX-License-Identifier: MIT */
/* Every device class that --device takes, on every target. */
#include <string.h>

#include "machine/virt/virt.h"

const struct device_class *const virt_functions[] = { NULL };

static const struct virt_target *const virt_targets[] = { &virt_x86_64 };

const struct virt_target *virt_target(enum arch a)
{
	for (size_t i = 0; i < sizeof(virt_targets) / sizeof(*virt_targets);
	     i++)
		if (virt_targets[i]->arch == a)
			return virt_targets[i];
	return NULL;
}

const struct device_class *virt_device_class(enum arch a, const char *name)
{
	const struct virt_target *t = virt_target(a);

	for (unsigned i = 0; virt_functions[i]; i++)
		if (!strcmp(virt_functions[i]->name, name))
			return virt_functions[i];
	for (unsigned i = 0; t && t->optional[i].name; i++)
		if (!strcmp(t->optional[i].name, name))
			return t->optional[i].class;
	return NULL;
}
