/* SPDX-License-Identifier: MIT */
/* Every device class that --device takes, on every target. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cpu/accel.h"
#include "hw/virtio/balloon.h"
#include "hw/virtio/blk.h"
#include "hw/virtio/console.h"
#include "hw/virtio/net.h"
#include "hw/virtio/rng.h"
#include "machine/virt/virt.h"

const struct device_class *const virt_functions[] = {
	&virtio_blk_class, &virtio_net_class,	  &virtio_console_class,
	&virtio_rng_class, &virtio_balloon_class, NULL,
};

const struct device_class *virt_function(const char *name)
{
	const struct device_class *const *f = virt_functions;

	while (*f && strcmp((*f)->name, name))
		f++;
	assert(*f);
	return *f;
}

static const struct virt_target *const virt_targets[] = {
	&virt_x86_64, &virt_arm64, &virt_ppc64le, &virt_ia64
};

const struct virt_target *virt_target(enum arch a)
{
	for (size_t i = 0; i < sizeof(virt_targets) / sizeof(*virt_targets);
	     i++)
		if (virt_targets[i]->arch == a)
			return virt_targets[i];
	return NULL;
}

/* ---- interrupt controllers */

bool virt_irqchip_is(const struct board *b, const char *name)
{
	return !strcmp(b->irqchip, name);
}

int virt_irqchip_index(const char *name)
{
	int i = 0;

	while (vm_irqchip_names[i] && strcmp(vm_irqchip_names[i], name))
		i++;
	assert(vm_irqchip_names[i]);
	return i;
}

int virt_irqchip_check(const struct vm_config *cfg, struct err *err)
{
	const struct virt_target *t = virt_target((enum arch)cfg->arch);
	const char *name = vm_irqchip_names[cfg->irqchip];
	char all[128] = "";
	size_t n = 0;

	if (!t || cfg->irqchip == VM_IRQCHIP_AUTO)
		return 0;
	for (const char *const *c = t->irqchips; *c; c++) {
		if (!strcmp(*c, name))
			return 0;
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
				      n ? ", " : "", *c);
	}
	err_set(err, EINVAL, "--irqchip %s: the %s machine has none such", name,
		arch_name(t->arch));
	err_hint(err, "use one of %s, or auto", all);
	return -EINVAL;
}

int virt_irqchip_choose(struct vm_config *cfg, const struct accel *accel,
			const struct target *t, struct err *err)
{
	const struct virt_target *v = virt_target((enum arch)cfg->arch);
	const char *name = vm_irqchip_names[cfg->irqchip];

	for (const char *const *c = v->irqchips; *c; c++) {
		if (cfg->irqchip != VM_IRQCHIP_AUTO && strcmp(*c, name))
			continue;
		if (!accel->has_irqchip(t, *c))
			continue;
		cfg->irqchip = virt_irqchip_index(*c);
		return 0;
	}
	if (cfg->irqchip == VM_IRQCHIP_AUTO)
		return err_set(err, ENOTSUP,
			       "this host's %s offers no interrupt controller "
			       "of the %s machine's",
			       accel->name, arch_name(v->arch));
	err_set(err, ENOTSUP,
		"--irqchip %s: this host's %s offers no such interrupt "
		"controller",
		name, accel->name);
	err_hint(err, "--irqchip auto takes the best that it has");
	return -ENOTSUP;
}

/* ---- what boots */

int virt_boot_check(const struct vm_config *cfg, struct err *err)
{
	const struct virt_target *t = virt_target((enum arch)cfg->arch);

	if (t && cfg->dtb && !t->dtb)
		return err_set(err, EINVAL,
			       "--dtb: a kernel of %s is handed no device tree",
			       arch_name(t->arch));
	if (t && !t->flash &&
	    (cfg->pflash || (cfg->firmware && !t->ram_firmware)))
		return err_set(err, EINVAL,
			       "--%s: the %s machine has no flash memory",
			       cfg->pflash ? "pflash" : "firmware",
			       arch_name(t->arch));
	if (cfg->pflash && !cfg->firmware) {
		err_set(err, EINVAL, "--pflash needs a firmware to use it");
		err_hint(err, "add --firmware FILE");
		return -EINVAL;
	}
	return 0;
}

/* ---- devices */

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

static const char *virt_nearest_device(enum arch a, const char *name)
{
	return nearest_word(name, virt_nth_device_name, &a);
}

static int virt_unknown_device(enum arch a, const char *name, struct err *err)
{
	const char *near = virt_nearest_device(a, name);

	err_set(err, ENODEV, "--device: there is no '%.160s'", name);
	if (near)
		err_hint(err, "did you mean '%s'?", near);
	else
		err_hint(err, "--device help lists the devices");
	return -ENODEV;
}

const struct device_class *virt_find_device(enum arch a, const char *name,
					    struct err *err)
{
	const struct device_class *c = virt_device_class(a, name);

	if (!c)
		virt_unknown_device(a, name, err);
	return c;
}

static int virt_device_check(enum arch a, const struct vm_device *d,
			     struct err *err)
{
	const struct device_class *c = virt_find_device(a, d->name, err);
	struct device *dev;
	int ret;

	if (!c)
		return -err->code;
	dev = device_new(c, d->name);
	if (!dev)
		return err_nomem(err, d->name);
	ret = device_configure(dev, d->props, err);
	device_free(dev);
	return ret < 0 ? err_prefix(err, "--device %.80s: ", d->name) : 0;
}

int virt_devices_check(const struct vm_config *cfg, struct err *err)
{
	int ret = 0;

	for (unsigned i = 0; !ret && i < cfg->ndevices; i++)
		ret = virt_device_check((enum arch)cfg->arch, &cfg->devices[i],
					err);
	return ret;
}
