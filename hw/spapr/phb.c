/* SPDX-License-Identifier: MIT */
/* The PCI host bridge of a pSeries guest: configuration space, the class. */
#include "hw/spapr/phb.h"

#include <errno.h>

#include "hw/spapr/phb_priv.h"

static struct spapr_phb *phb_dev(void *dev)
{
	return container_of((struct device *)dev, struct spapr_phb, dev);
}

struct spapr_phb *phb_of(void *opaque, uint32_t buid_hi, uint32_t buid_lo)
{
	struct spapr_phb *s = phb_dev(opaque);

	return s->cfg.buid == ((uint64_t)buid_hi << 32 | buid_lo) ? s : NULL;
}

struct pci_device *phb_function(struct spapr_phb *s, uint32_t addr)
{
	return phb_addr_bus(addr) ? NULL : s->bus.dev[phb_addr_devfn(addr)];
}

/* ---- configuration space: where there is nothing, ones are read */

static bool phb_may_access(struct spapr_phb *s)
{
	enum phb_state now = phb_state(s);

	return now == PHB_RUNNING || now == PHB_MMIO_ONLY;
}

static bool phb_valid(uint32_t addr, uint32_t size)
{
	return (size == 1 || size == 2 || size == 4) &&
	       phb_addr_reg(addr) % size == 0;
}

static int32_t phb_read(struct spapr_phb *s, uint32_t addr, uint32_t size,
			uint32_t *val)
{
	if (!s || !phb_valid(addr, size))
		return RTAS_PARAMETER;
	*val = UINT32_MAX >> (32 - 8 * size);
	if (phb_may_access(s))
		*val = pci_config_read(&s->bus, phb_addr_bus(addr),
				       phb_addr_devfn(addr), phb_addr_reg(addr),
				       size);
	return RTAS_OK;
}

static int32_t phb_write(struct spapr_phb *s, uint32_t addr, uint32_t size,
			 uint32_t val)
{
	if (!s || !phb_valid(addr, size))
		return RTAS_PARAMETER;
	if (phb_may_access(s))
		pci_config_write(&s->bus, phb_addr_bus(addr),
				 phb_addr_devfn(addr), phb_addr_reg(addr), size,
				 val);
	return RTAS_OK;
}

static int32_t phb_read_config(void *opaque, unsigned cpu, struct rtas_args *a)
{
	(void)cpu;
	return phb_read(phb_dev(opaque), a->arg[0], a->arg[1], &a->ret[1]);
}

static int32_t phb_write_config(void *opaque, unsigned cpu, struct rtas_args *a)
{
	(void)cpu;
	return phb_write(phb_dev(opaque), a->arg[0], a->arg[1], a->arg[2]);
}

static int32_t phb_ibm_read_config(void *opaque, unsigned cpu,
				   struct rtas_args *a)
{
	(void)cpu;
	return phb_read(phb_of(opaque, a->arg[1], a->arg[2]), a->arg[0],
			a->arg[3], &a->ret[1]);
}

static int32_t phb_ibm_write_config(void *opaque, unsigned cpu,
				    struct rtas_args *a)
{
	(void)cpu;
	return phb_write(phb_of(opaque, a->arg[1], a->arg[2]), a->arg[0],
			 a->arg[3], a->arg[4]);
}

#define CALL(name_, nargs_, nret_, most_, fn_)                 \
	{                                                      \
		.name = name_, .nargs = nargs_, .nret = nret_, \
		.most_ret = most_, .fn = fn_                   \
	}

const struct rtas_call phb_rtas[] = {
	CALL("read-pci-config", 2, 2, 0, phb_read_config),
	CALL("write-pci-config", 3, 1, 0, phb_write_config),
	CALL("ibm,read-pci-config", 4, 2, 0, phb_ibm_read_config),
	CALL("ibm,write-pci-config", 5, 1, 0, phb_ibm_write_config),
	CALL("ibm,change-msi", 6, 3, 4, phb_change_msi),
	CALL("ibm,query-interrupt-source-number", 4, 3, 0, phb_query_source),
	CALL("ibm,query-pe-dma-window", 3, 5, 6, phb_query_window),
	CALL("ibm,create-pe-dma-window", 5, 4, 0, phb_create_window),
	CALL("ibm,remove-pe-dma-window", 1, 1, 0, phb_remove_window),
	CALL("ibm,reset-pe-dma-window", 3, 1, 0, phb_reset_window),
	CALL("ibm,set-eeh-option", 4, 1, 0, phb_eeh_option),
	CALL("ibm,get-config-addr-info2", 4, 2, 0, phb_eeh_addr_info),
	CALL("ibm,read-slot-reset-state2", 3, 4, 5, phb_eeh_state),
	CALL("ibm,set-slot-reset", 4, 1, 0, phb_eeh_reset),
	CALL("ibm,configure-pe", 3, 1, 0, phb_eeh_configure),
	CALL("ibm,slot-error-detail", 8, 1, 0, phb_eeh_detail),
	{ 0 },
};

/* ---- the class */

void spapr_phb_setup(struct device *dev, const struct phb_config *c)
{
	struct spapr_phb *s = phb_dev(dev);

	assert(c->ics && c->tces && c->nmsi <= PHB_MSI_MAX);
	s->cfg = *c;
	pci_bus_init(&s->bus, c->pci);
	s->dma = (struct dma_space){ phb_dma_iov, s };
	s->bus.dma = &s->dma;
}

struct pci_bus *spapr_phb_bus(struct device *dev)
{
	return &phb_dev(dev)->bus;
}

static int phb_realize(struct device *dev, struct err *err)
{
	struct spapr_phb *s = phb_dev(dev);
	const struct phb_config *c = &s->cfg;

	for (unsigned pin = 0; pin < 4; pin++)
		if (s->bus.windows.intx[pin] != BOARD_NO_IRQ &&
		    c->ics->ops->level(c->ics, s->bus.windows.intx[pin], true) <
			    0)
			return err_set(err, EINVAL,
				       "%s: INTx is no interrupt source",
				       dev->name);
	if (tce_add(c->tces, PHB_LIOBN, PHB_WINDOW_BASE, 12,
		    PHB_WINDOW_SIZE >> 12) < 0)
		return err_nomem(err, "the PCI host bridge's DMA window");
	return 0;
}

static void phb_unrealize(struct device *dev)
{
	struct spapr_phb *s = phb_dev(dev);

	tce_remove(s->cfg.tces, PHB_LIOBN64);
	tce_remove(s->cfg.tces, PHB_LIOBN);
	pci_bus_destroy(&s->bus);
}

static void phb_reset(struct device *dev)
{
	struct spapr_phb *s = phb_dev(dev);

	phb_set_state(s, PHB_RUNNING);
	s->error = false;
	s->bus.no_mmio = s->bus.no_dma = false;
	phb_msi_reset(s);
	phb_dma_reset(s);
}

const struct device_class spapr_phb_class = {
	.name = "spapr-phb",
	.brief = "pSeries PCI host bridge",
	.compatible = "IBM,Logical_PHB",
	.size = sizeof(struct spapr_phb),
	.space = SPACE_NONE,
	.realize = phb_realize,
	.unrealize = phb_unrealize,
	.reset = phb_reset,
};
