/* SPDX-License-Identifier: MIT */
/* Configuration space, capabilities, INTx, and the root bus. */
#include "hw/pci/pci.h"

#include <endian.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>

#include "hw/core/log.h"
#include "hw/pci/internal.h"

/* Where capabilities begin: right behind the type 0 header. */
#define PCI_CAP_START 0x40

void pci_put16(uint8_t *config, unsigned off, uint16_t val)
{
	val = htole16(val);
	memcpy(config + off, &val, sizeof(val));
}

void pci_put32(uint8_t *config, unsigned off, uint32_t val)
{
	val = htole32(val);
	memcpy(config + off, &val, sizeof(val));
}

uint16_t pci_get16(const uint8_t *config, unsigned off)
{
	uint16_t val;

	memcpy(&val, config + off, sizeof(val));
	return le16toh(val);
}

uint32_t pci_get32(const uint8_t *config, unsigned off)
{
	uint32_t val;

	memcpy(&val, config + off, sizeof(val));
	return le32toh(val);
}

/* ---- the bus */

void pci_bus_init(struct pci_bus *bus, const struct board_pci *windows)
{
	memset(bus, 0, sizeof(*bus));
	bus->windows = *windows;
	pthread_mutex_init(&bus->lock, NULL);
}

void pci_bus_destroy(struct pci_bus *bus)
{
	pthread_mutex_destroy(&bus->lock);
}

int pci_attach(struct pci_bus *bus, struct pci_device *d, uint8_t devfn,
	       struct err *err)
{
	if (bus->dev[devfn])
		return err_set(err, EBUSY,
			       "%s: PCI slot %02x.%u already holds %s",
			       d->dev.name, PCI_SLOT(devfn), PCI_FN(devfn),
			       bus->dev[devfn]->dev.name);
	bus->dev[devfn] = d;
	d->bus = bus;
	d->devfn = devfn;
	return 0;
}

void pci_detach(struct pci_device *d)
{
	if (!d->bus)
		return;
	pci_set_irq(d, false);
	d->bus->dev[d->devfn] = NULL;
	d->bus = NULL;
}

int pci_free_slot(const struct pci_bus *bus)
{
	for (unsigned slot = 0; slot < 32; slot++) {
		bool used = false;

		for (unsigned fn = 0; fn < 8; fn++)
			used |= bus->dev[PCI_DEVFN(slot, fn)] != NULL;
		if (!used)
			return PCI_DEVFN(slot, 0);
	}
	return -ENOSPC;
}

/* ---- the header and capabilities */

void pci_device_init(struct pci_device *d, const struct pci_ids *ids,
		     const struct pci_ops *ops)
{
	uint8_t *c = d->initial;

	assert(d->bus);
	d->ops = ops;
	memset(c, 0, PCI_CFG_SIZE);
	memset(d->wmask, 0, PCI_CFG_SIZE);
	memset(d->w1cmask, 0, PCI_CFG_SIZE);
	pci_put16(c, PCI_VENDOR_ID, ids->vendor);
	pci_put16(c, PCI_DEVICE_ID, ids->device);
	pci_put16(c, PCI_SUBSYSTEM_VENDOR_ID, ids->subsys_vendor);
	pci_put16(c, PCI_SUBSYSTEM_ID, ids->subsys);
	pci_put32(c, PCI_CLASS_REVISION, ids->class_code << 8 | ids->revision);
	c[PCI_INTERRUPT_PIN] = ids->pin;
	if (ids->pin)
		c[PCI_INTERRUPT_LINE] =
			d->bus->windows
				.intx[(PCI_SLOT(d->devfn) + ids->pin - 1) % 4];
	pci_put16(d->wmask, PCI_COMMAND,
		  PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
			  PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
			  PCI_COMMAND_INTX_DISABLE);
	d->wmask[PCI_CACHE_LINE_SIZE] = 0xff;
	d->wmask[PCI_INTERRUPT_LINE] = 0xff;
	d->cap_end = PCI_CAP_START;
	d->cap_last = PCI_CAPABILITY_LIST;
	d->pm = d->pcie = d->msi_cap = d->msix_cap = 0;
	memset(d->bar, 0, sizeof(d->bar));
}

void pci_device_exit(struct pci_device *d)
{
	pci_bars_unmap(d);
	if (d->bus)
		pci_set_irq(d, false);
	pci_msi_exit(d);
}

void pci_device_reset(struct pci_device *d)
{
	pci_bars_unmap(d);
	memcpy(d->config, d->initial, PCI_CFG_SIZE);
	pci_msi_reset(d);
	if (d->bus)
		pci_set_irq(d, false);
	pci_intx_update(d);
}

int pci_cap_add(struct pci_device *d, uint8_t id, unsigned len, struct err *err)
{
	unsigned off = d->cap_end;

	assert(len >= 2);
	len = (len + 3) & ~3u;
	if (len > PCI_CFG_SIZE - off)
		return err_set(err, ENOSPC,
			       "%s: no room for PCI capability 0x%02x",
			       d->dev.name, id);
	d->initial[off + PCI_CAP_LIST_ID] = id;
	d->initial[off + PCI_CAP_LIST_NEXT] = 0;
	d->initial[d->cap_last] = off;
	d->initial[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	d->cap_last = off + PCI_CAP_LIST_NEXT;
	d->cap_end = off + len;
	return off;
}

int pci_pm_add(struct pci_device *d, struct err *err)
{
	int off = pci_cap_add(d, PCI_CAP_ID_PM, PCI_PM_SIZEOF, err);

	if (off < 0)
		return off;
	d->pm = off;
	pci_put16(d->initial, off + PCI_PM_PMC, 3); /* version 1.2 */
	pci_put16(d->initial, off + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);
	pci_put16(d->wmask, off + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
	return off;
}

int pci_express_add(struct pci_device *d, struct err *err)
{
	int off = pci_cap_add(d, PCI_CAP_ID_EXP, 0x3c, err);

	if (off < 0)
		return off;
	d->pcie = off;
	pci_put16(d->initial, off + PCI_EXP_FLAGS,
		  2 | PCI_EXP_TYPE_RC_END << 4);
	pci_put32(d->initial, off + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER);
	pci_put16(d->initial, off + PCI_EXP_DEVCTL,
		  PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN |
			  PCI_EXP_DEVCTL_READRQ_512B);
	/* Error reporting enables, relaxed ordering, payload, no snoop. */
	pci_put16(d->wmask, off + PCI_EXP_DEVCTL, 0x78ff);
	return off;
}

/* ---- INTx */

static uint32_t pci_root_irq(const struct pci_bus *bus, unsigned pin)
{
	return bus->windows.intx[pin];
}

/* Several root pins may share one line of the chip: it is their OR. */
static void pci_drive_root(struct pci_bus *bus, struct irqchip *chip,
			   unsigned pin)
{
	struct irq irq = { .chip = chip, .line = pci_root_irq(bus, pin) };
	bool level = false;

	if (irq.line == BOARD_NO_IRQ)
		return;
	for (unsigned i = 0; i < 4; i++)
		if (pci_root_irq(bus, i) == irq.line)
			level |= bus->intx_count[i] > 0;
	irq_set(&irq, level);
}

/* bus->lock is held. */
static void pci_intx_drive(struct pci_device *d)
{
	struct pci_bus *bus = d->bus;
	bool out = d->intx_level && d->intx_allowed;
	unsigned pin;

	if (out == d->intx_out)
		return;
	d->intx_out = out;
	pin = (PCI_SLOT(d->devfn) + d->initial[PCI_INTERRUPT_PIN] - 1) % 4;
	bus->intx_count[pin] += out ? 1 : -1;
	pci_drive_root(bus, d->dev.env->irqchip, pin);
}

void pci_intx_update(struct pci_device *d)
{
	uint16_t cmd = pci_get16(d->config, PCI_COMMAND);

	if (!d->bus)
		return;
	pthread_mutex_lock(&d->bus->lock);
	d->intx_allowed = !(cmd & PCI_COMMAND_INTX_DISABLE) &&
			  !msi_enabled(d) && !msix_enabled(d);
	pci_intx_drive(d);
	pthread_mutex_unlock(&d->bus->lock);
}

void pci_set_irq(struct pci_device *d, bool level)
{
	if (!d->initial[PCI_INTERRUPT_PIN])
		return;
	pthread_mutex_lock(&d->bus->lock);
	d->intx_level = level;
	pci_intx_drive(d);
	pthread_mutex_unlock(&d->bus->lock);
}

static bool pci_intx_pending(struct pci_device *d)
{
	bool level;

	pthread_mutex_lock(&d->bus->lock);
	level = d->intx_level;
	pthread_mutex_unlock(&d->bus->lock);
	return level;
}

/* ---- configuration accesses */

bool pci_command_on(const struct pci_device *d, uint16_t bit)
{
	if (d->pm && d->config[d->pm + PCI_PM_CTRL] & PCI_PM_CTRL_STATE_MASK)
		return false;
	return pci_get16(d->config, PCI_COMMAND) & bit;
}

bool pci_bus_master(const struct pci_device *d)
{
	return pci_command_on(d, PCI_COMMAND_MASTER) &&
	       !(d->bus && __atomic_load_n(&d->bus->no_dma, __ATOMIC_ACQUIRE));
}

uint32_t pci_requester(const struct pci_device *d)
{
	return d->devfn; /* on bus 0 */
}

static bool pci_is_multifunction(const struct pci_device *d)
{
	for (unsigned fn = 1; fn < 8; fn++)
		if (d->bus->dev[PCI_DEVFN(PCI_SLOT(d->devfn), fn)])
			return true;
	return false;
}

static uint32_t pci_read_dword(struct pci_device *d, unsigned off)
{
	uint32_t val;

	if (off >= PCI_CFG_SIZE)
		return 0; /* no extended capabilities */
	val = pci_get32(d->config, off);
	if (off == PCI_COMMAND && pci_intx_pending(d))
		val |= PCI_STATUS_INTERRUPT << 16;
	if (off == PCI_CACHE_LINE_SIZE && pci_is_multifunction(d))
		val |= 0x80u << 16;
	if (d->msi_cap && off == d->msi_cap + (unsigned)PCI_MSI_PENDING_64)
		val = pci_msi_pending(d);
	return val;
}

static void pci_store_byte(struct pci_device *d, unsigned off, uint8_t val)
{
	uint8_t w = d->wmask[off];

	/* D1 and D2 are not there: such a write has no effect (PM 1.2, 3.2.4)*/
	if (d->pm && off == d->pm + (unsigned)PCI_PM_CTRL &&
	    ((val & PCI_PM_CTRL_STATE_MASK) == 1 ||
	     (val & PCI_PM_CTRL_STATE_MASK) == 2))
		return;
	d->config[off] = (d->config[off] & ~w) | (val & w);
	d->config[off] &= ~(val & d->w1cmask[off]);
}

static bool pci_touches(unsigned off, unsigned size, unsigned reg, unsigned len)
{
	return off < reg + len && reg < off + size;
}

/* What a write to a register makes happen. */
static void pci_written(struct pci_device *d, unsigned off, unsigned size)
{
	bool power = pci_touches(off, size, PCI_COMMAND, 2) ||
		     (d->pm && pci_touches(off, size, d->pm + PCI_PM_CTRL, 1));

	if (power || pci_touches(off, size, PCI_BASE_ADDRESS_0, 24))
		pci_bars_update(d);
	if (power || (d->msi_cap && pci_touches(off, size, d->msi_cap, 0x18)) ||
	    (d->msix_cap && pci_touches(off, size, d->msix_cap, 4))) {
		pci_msi_update(d);
		pci_intx_update(d);
	}
}

static void pci_generic_write(struct pci_device *d, unsigned off, unsigned size,
			      uint32_t val)
{
	if (off >= PCI_CFG_SIZE)
		return;
	for (unsigned i = 0; i < size; i++)
		pci_store_byte(d, off + i, val >> 8 * i);
	pci_written(d, off, size);
}

static bool pci_valid(unsigned off, unsigned size)
{
	return (size == 1 || size == 2 || size == 4) && off % size == 0 &&
	       off < PCI_ECAM_SIZE;
}

uint32_t pci_config_read(struct pci_bus *bus, unsigned busnr, uint8_t devfn,
			 unsigned off, unsigned size)
{
	uint32_t ones = size < 4 ? (1u << 8 * size) - 1 : UINT32_MAX;
	struct pci_device *d = busnr == 0 ? bus->dev[devfn] : NULL;
	uint32_t val;

	if (!d || !pci_valid(off, size))
		return ones;
	device_lock(&d->dev);
	if (!d->ops || !d->ops->config_read ||
	    !d->ops->config_read(d, off, size, &val))
		val = pci_read_dword(d, off & ~3u) >> 8 * (off & 3);
	device_unlock(&d->dev);
	return val & ones;
}

void pci_config_write(struct pci_bus *bus, unsigned busnr, uint8_t devfn,
		      unsigned off, unsigned size, uint32_t val)
{
	struct pci_device *d = busnr == 0 ? bus->dev[devfn] : NULL;

	if (!d || !pci_valid(off, size))
		return;
	device_lock(&d->dev);
	if (!d->ops || !d->ops->config_write ||
	    !d->ops->config_write(d, off, size, val)) {
		pci_generic_write(d, off, size, val);
		if (d->ops && d->ops->config_written)
			d->ops->config_written(d, off, size);
	}
	device_unlock(&d->dev);
}

/* As if the guest had written its command register, with the same value. */
static void pci_rewrite_command(struct pci_device *d)
{
	device_lock(&d->dev);
	pci_written(d, PCI_COMMAND, 2);
	if (d->ops && d->ops->config_written)
		d->ops->config_written(d, PCI_COMMAND, 2);
	device_unlock(&d->dev);
}

void pci_bus_isolate(struct pci_bus *bus, bool mmio, bool dma)
{
	__atomic_store_n(&bus->no_mmio, mmio, __ATOMIC_RELEASE);
	__atomic_store_n(&bus->no_dma, dma, __ATOMIC_RELEASE);
	for (unsigned devfn = 0; devfn < 256; devfn++)
		if (bus->dev[devfn] && bus->dev[devfn]->dev.realized)
			pci_rewrite_command(bus->dev[devfn]);
}
