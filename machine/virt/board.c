/* SPDX-License-Identifier: MIT */
/* Resolves a configuration into the board. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hw/pci/pci.h"
#include "hw/virtio/console.h"
#include "hw/virtio/mmio.h"
#include "hw/virtio/pci.h"
#include "machine/virt/virt.h"

void virt_rtc_props(const struct vm_config *cfg, char *buf, size_t len)
{
	time_t date = (time_t)cfg->rtc_epoch;
	struct tm tm;

	if (cfg->rtc == VM_RTC_FIXED && gmtime_r(&date, &tm))
		strftime(buf, len, "base=%Y-%m-%dT%H:%M:%S", &tm);
	else
		snprintf(buf, len, "base=%s",
			 cfg->rtc == VM_RTC_LOCALTIME ? "localtime" : "utc");
}

/* Of what one option's value becomes: a path, each comma twice. */
#define BOARD_PROPS_MAX 8256

struct builder {
	const struct virt_target *target;
	const struct vm_config *cfg;
	struct board *board;
	unsigned cap;	  /* of board->devs */
	unsigned nvirtio; /* placed so far */
	struct err *err;
};

static struct board_dev *board_dev_add(struct builder *b)
{
	struct board *board = b->board;

	if (board->ndevs == b->cap) {
		unsigned cap = b->cap ? 2 * b->cap : 16;
		struct board_dev *devs =
			realloc(board->devs, cap * sizeof(*devs));

		if (!devs) {
			err_nomem(b->err, "the board");
			return NULL;
		}
		board->devs = devs;
		b->cap = cap;
	}
	board->devs[board->ndevs] = (struct board_dev){ .irq = BOARD_NO_IRQ };
	return &board->devs[board->ndevs++];
}

static uint8_t board_uid(const struct board *b, const struct device_class *c)
{
	uint8_t uid = 0;

	for (unsigned i = 0; i + 1 < b->ndevs; i++)
		uid += b->devs[i].class == c;
	return uid;
}

/*
 * Where an optional device wants to be: its "iobase", if its class has that
 * property, as the class itself reads it.
 */
static int board_iobase(const struct board_slot *s, const char *props,
			uint64_t *base, struct err *err)
{
	const struct prop *p =
		s->class->props ? prop_find(s->class->props, "iobase") : NULL;
	struct device *dev;
	int ret;

	if (!p || !props)
		return 0;
	dev = device_new(s->class, s->name);
	if (!dev)
		return err_nomem(err, "the board");
	ret = device_configure(dev, props, err);
	if (ret < 0)
		err_prefix(err, "--device %s: ", s->name);
	else
		memcpy(base, (char *)dev + p->off, sizeof(*base));
	device_free(dev);
	return ret;
}

/* nth of several of the slot. */
static int board_slot_add(struct builder *b, const struct board_slot *s,
			  const char *props, unsigned nth)
{
	struct board_dev *d = board_dev_add(b);
	char own[BOARD_PROPS_MAX];

	if (!d)
		return -ENOMEM;
	if (s->props) {
		s->props(b->cfg, own, sizeof(own));
		props = own;
	}
	if (nth)
		snprintf(d->name, sizeof(d->name), "%.20s.%u", s->name, nth);
	else
		snprintf(d->name, sizeof(d->name), "%s", s->name);
	d->class = s->class;
	d->space = s->space;
	d->base = s->base + nth;
	d->size = s->size ? s->size : s->class->region_size;
	d->irq = s->irq == BOARD_NO_IRQ ? s->irq : s->irq + nth;
	d->trigger = s->trigger;
	d->polarity = s->polarity;
	d->uid = board_uid(b->board, d->class);
	if (board_iobase(s, props, &d->base, b->err) < 0)
		return -b->err->code;
	d->in_kernel = s->in_kernel && s->in_kernel(b->board);
	if (s->place)
		s->place(b->board, d);
	if (props) {
		d->props = strdup(props);
		if (!d->props)
			return err_nomem(b->err, "the board");
	}
	return 0;
}

static int board_slots(struct builder *b)
{
	const struct board_slot *s;
	int ret;

	for (s = b->target->slots; s->name; s++) {
		if (s->wanted && !s->wanted(b->board, b->cfg))
			continue;
		ret = board_slot_add(b, s, NULL, 0);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Slot 0 is the host bridge's. */
static int board_on_pci(struct builder *b, struct board_dev *d)
{
	unsigned slot = 1 + b->nvirtio;

	if (slot > 31)
		return err_set(b->err, ENOSPC,
			       "%s: the PCI bus has 31 slots and all are taken",
			       d->function_name);
	d->class = &virtio_pci_class;
	d->space = SPACE_PCI;
	d->devfn = PCI_DEVFN(slot, 0);
	d->irq = board_intx(b->board, slot, 0);
	d->trigger = TRIGGER_LEVEL;
	d->polarity = POLARITY_LOW;
	snprintf(d->name, sizeof(d->name), "virtio-pci.%u", b->nvirtio);
	return 0;
}

static int board_on_mmio(struct builder *b, struct board_dev *d)
{
	const struct virt_target *t = b->target;

	if (b->nvirtio == t->nvirtio) {
		err_set(b->err, ENOSPC,
			"%s: the machine has %u virtio-mmio slots and all are "
			"taken",
			d->function_name, t->nvirtio);
		err_hint(b->err, "use --transport pci");
		return -ENOSPC;
	}
	d->class = &virtio_mmio_class;
	d->space = SPACE_MMIO;
	d->base = t->virtio_base + b->nvirtio * t->virtio_stride;
	d->size = virtio_mmio_class.region_size;
	d->irq = t->virtio_irqs[b->nvirtio];
	d->trigger = t->virtio_trigger;
	snprintf(d->name, sizeof(d->name), "virtio-mmio.%u", b->nvirtio);
	return 0;
}

/* A virtio device with its transport; props becomes the board's. */
static int board_function(struct builder *b, const struct device_class *class,
			  const char *name, unsigned n, char *props)
{
	struct board_dev *d = board_dev_add(b);
	int ret;

	if (!d) {
		free(props);
		return -ENOMEM;
	}
	d->function = class;
	d->function_props = props;
	snprintf(d->function_name, sizeof(d->function_name), "%.20s%u", name,
		 n);
	ret = b->cfg->transport == VM_TRANSPORT_MMIO ? board_on_mmio(b, d)
						     : board_on_pci(b, d);
	if (ret < 0)
		return ret;
	d->uid = (uint8_t)b->nvirtio++;
	return 0;
}

static const struct board_slot *board_optional(const struct builder *b,
					       const char *name)
{
	for (const struct board_slot *s = b->target->optional; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

/* How many of the first n devices are of the name of number n. */
static unsigned board_nth(const struct vm_config *cfg, unsigned n)
{
	unsigned nth = 0;

	for (unsigned i = 0; i < n; i++)
		nth += !strcmp(cfg->devices[i].name, cfg->devices[n].name);
	return nth;
}

static const char *board_count(unsigned many, char text[16])
{
	if (many < 2)
		return "one";
	snprintf(text, 16, "%u", many);
	return text;
}

static int board_device(struct builder *b, unsigned i)
{
	const struct vm_device *v = &b->cfg->devices[i];
	const struct board_slot *s = board_optional(b, v->name);
	const struct device_class *class;
	unsigned nth = board_nth(b->cfg, i);
	char *props, many[16];

	if (s && nth && nth >= s->many)
		return err_set(b->err, EEXIST,
			       "--device %s: the machine has room for %s only",
			       v->name, board_count(s->many, many));
	if (s)
		return board_slot_add(b, s, v->props, nth);
	class = virt_find_device(b->board->arch, v->name, b->err);
	if (!class)
		return -b->err->code;
	props = v->props ? strdup(v->props) : NULL;
	if (v->props && !props)
		return err_nomem(b->err, "the board");
	return board_function(b, class, v->name, nth, props);
}

/* --console SPEC: a virtio-console of that. */
static int board_console(struct builder *b)
{
	char own[BOARD_PROPS_MAX], *props;

	if (!b->cfg->console)
		return 0;
	props = strdup(prop_join("console", b->cfg->console, own, sizeof(own)));
	if (!props)
		return err_nomem(b->err, "the board");
	return board_function(b, &virtio_console_class, "console", 0, props);
}

static int board_devices(struct builder *b)
{
	int ret = board_slots(b);

	if (!ret)
		ret = board_console(b);
	for (unsigned i = 0; !ret && i < b->cfg->ndevices; i++)
		ret = board_device(b, i);
	return ret;
}

static int board_cpus(struct board *b, const struct vm_config *cfg,
		      struct err *err)
{
	b->sockets = (unsigned)cfg->cpus.sockets;
	b->cores = (unsigned)cfg->cpus.cores;
	b->threads = (unsigned)cfg->cpus.threads;
	b->ncpus = (unsigned)cfg->cpus.count;
	b->cpus = calloc(b->ncpus, sizeof(*b->cpus));
	if (!b->cpus)
		return err_nomem(err, "the board");
	for (unsigned i = 0; i < b->ncpus; i++)
		b->cpus[i] = (struct board_cpu){
			.hw_id = i,
			.thread = i % b->threads,
			.core = i / b->threads % b->cores,
			.socket = i / b->threads / b->cores,
		};
	return 0;
}

struct board *board_make(const struct vm_config *cfg, unsigned phys_bits,
			 struct err *err)
{
	struct builder b = { .cfg = cfg,
			     .target = virt_target((enum arch)cfg->arch),
			     .board = calloc(1, sizeof(*b.board)),
			     .err = err };

	if (!b.board) {
		err_nomem(err, "the board");
		return NULL;
	}
	b.board->arch = (enum arch)cfg->arch;
	b.board->machine = "virt";
	b.board->phys_bits = phys_bits;
	if (!b.target) {
		err_set(err, ENOTSUP, "there is no virt machine for %s yet",
			arch_name(b.board->arch));
		goto fail;
	}
	b.board->irqchip = cfg->irqchip == VM_IRQCHIP_AUTO
				   ? b.target->irqchips[0]
				   : vm_irqchip_names[cfg->irqchip];
	if (virt_irqchip_check(cfg, err) < 0 ||
	    board_cpus(b.board, cfg, err) < 0 ||
	    b.target->layout(b.board, cfg, err) < 0 || board_devices(&b) < 0)
		goto fail;
	virt_numa_resolve(cfg, b.board);
	return b.board;
fail:
	board_free(b.board);
	return NULL;
}

void board_free(struct board *b)
{
	if (!b)
		return;
	for (unsigned i = 0; i < b->ndevs; i++) {
		free(b->devs[i].props);
		free(b->devs[i].function_props);
	}
	free(b->devs);
	free(b->cpus);
	free(b);
}
