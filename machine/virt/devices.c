/* SPDX-License-Identifier: MIT */
/* Every device class that --device takes, on every target. */
#include <string.h>

#include "hw/virtio/balloon.h"
#include "hw/virtio/rng.h"
#include "machine/virt/virt.h"

const struct device_class *const virt_functions[] = {
	&virtio_rng_class,
	&virtio_balloon_class,
	NULL,
};

static const struct virt_target *const virt_targets[] = { &virt_x86_64 };

const struct virt_target *virt_target(enum arch a)
{
	for (size_t i = 0; i < sizeof(virt_targets) / sizeof(*virt_targets);
	     i++)
		if (virt_targets[i]->arch == a)
			return virt_targets[i];
	return NULL;
}

const struct device_class *virt_nth_device(enum arch a, size_t i,
					   const char **name)
{
	const struct virt_target *t = virt_target(a);
	const struct device_class *const *f;
	const struct board_slot *s;

	for (f = virt_functions; *f; f++) {
		if (i--)
			continue;
		*name = (*f)->name;
		return *f;
	}
	for (s = t ? t->optional : NULL; s && s->name; s++) {
		if (i--)
			continue;
		*name = s->name;
		return s->class;
	}
	return NULL;
}

const struct device_class *virt_device_class(enum arch a, const char *name)
{
	const struct device_class *c;
	const char *its_name;

	for (size_t i = 0; (c = virt_nth_device(a, i, &its_name)); i++)
		if (!strcmp(its_name, name))
			return c;
	return NULL;
}

static const char *virt_nth_device_name(const void *arch, size_t i)
{
	const char *name = NULL;

	virt_nth_device(*(const enum arch *)arch, i, &name);
	return name;
}

const char *virt_nearest_device(enum arch a, const char *name)
{
	return nearest_word(name, virt_nth_device_name, &a);
}
