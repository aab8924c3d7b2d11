/* SPDX-License-Identifier: MIT */
/* Enhanced error handling: the state of the endpoint, and its recovery. */
#include "hw/core/log.h"
#include "hw/spapr/errlog.h"
#include "hw/spapr/phb_priv.h"

/* LoPAR 7.3.11.1: options of ibm,set-eeh-option and ibm,set-slot-reset. */
enum { EEH_DISABLE, EEH_ENABLE, EEH_THAW_MMIO, EEH_THAW_DMA };
enum { RESET_OFF = 0, RESET_HOT = 1, RESET_FUNDAMENTAL = 3 };
enum { INFO_ADDRESS = 0, INFO_MODE = 1 };

#define EEH_SUPPORTED	1
#define EEH_PE_SHARED	2 /* several functions are one endpoint */
#define EEH_NO_ERROR	1 /* ibm,slot-error-detail: there is no log */
#define EEH_RECOVERY_MS 0

/* The endpoint's own address: that of its bus, which no function has. */
#define EEH_PE_ADDRESS 0

/*
 * The functions follow the state.  Without our lock: their loops, which wait
 * for nobody, may be on their way to an interrupt.
 */
static void eeh_isolate(struct spapr_phb *s)
{
	enum phb_state now = phb_state(s);

	pci_bus_isolate(&s->bus, now != PHB_RUNNING && now != PHB_MMIO_ONLY,
			now != PHB_RUNNING);
}

void spapr_phb_freeze(struct device *dev)
{
	struct spapr_phb *s = container_of(dev, struct spapr_phb, dev);

	device_lock(dev);
	if (s->state == PHB_RUNNING) {
		phb_set_state(s, PHB_FROZEN);
		s->error = true;
	}
	device_unlock(dev);
	eeh_isolate(s);
}

static int32_t eeh_thaw(struct spapr_phb *s, uint32_t option)
{
	switch (option) {
	case EEH_THAW_MMIO:
		if (s->state == PHB_FROZEN)
			phb_set_state(s, PHB_MMIO_ONLY);
		return RTAS_OK;
	case EEH_THAW_DMA:
		/* MMIO comes first: LoPAR R1-7.3.11.1.1-11. */
		if (s->state == PHB_FROZEN)
			return RTAS_PARAMETER;
		if (s->state == PHB_MMIO_ONLY)
			phb_set_state(s, PHB_RUNNING);
		return RTAS_OK;
	default: return RTAS_PARAMETER;
	}
}

/*
 * Address, unit id, option.  That of a function enables it for the endpoint,
 * which is always so; the endpoint's own is what is thawed.
 */
int32_t phb_eeh_option(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);
	int32_t ret;

	(void)cpu;
	if (!s)
		return RTAS_PARAMETER;
	if (a->arg[3] == EEH_DISABLE)
		return RTAS_OK;
	if (a->arg[3] == EEH_ENABLE)
		return phb_function(s, a->arg[0]) ? RTAS_OK : RTAS_PARAMETER;
	device_lock(&s->dev);
	ret = eeh_thaw(s, a->arg[3]);
	device_unlock(&s->dev);
	eeh_isolate(s);
	return ret;
}

/* Address, unit id, function: the endpoint's address, or what it consists of.
 */
int32_t phb_eeh_addr_info(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);

	(void)cpu;
	if (!s || !phb_function(s, a->arg[0]))
		return RTAS_PARAMETER;
	switch (a->arg[3]) {
	case INFO_ADDRESS: a->ret[1] = EEH_PE_ADDRESS; return RTAS_OK;
	case INFO_MODE: a->ret[1] = EEH_PE_SHARED; return RTAS_OK;
	default: return RTAS_PARAMETER;
	}
}

/* Address, unit id; the state, whether it can, how long it is unavailable. */
int32_t phb_eeh_state(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);

	(void)cpu;
	if (!s)
		return RTAS_PARAMETER;
	device_lock(&s->dev);
	a->ret[1] = s->state;
	device_unlock(&s->dev);
	a->ret[2] = EEH_SUPPORTED;
	a->ret[3] = EEH_RECOVERY_MS;
	return RTAS_OK;
}

/*
 * Every function as after a reset of the bus.  Their messages' sources stay
 * theirs, as the guest restores the registers that name them.
 */
static void eeh_reset_functions(struct spapr_phb *s)
{
	for (unsigned devfn = 0; devfn < 256; devfn++)
		if (s->bus.dev[devfn])
			device_reset(&s->bus.dev[devfn]->dev);
}

/* Address, unit id, option. */
int32_t phb_eeh_reset(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);
	uint32_t option = a->arg[3];
	enum phb_state was;

	(void)cpu;
	if (!s || (option != RESET_OFF && option != RESET_HOT &&
		   option != RESET_FUNDAMENTAL))
		return RTAS_PARAMETER;
	device_lock(&s->dev);
	was = s->state;
	if (option != RESET_OFF)
		phb_set_state(s, PHB_RESET);
	else if (was == PHB_RESET)
		phb_set_state(s, PHB_RUNNING);
	device_unlock(&s->dev);
	/* Functions' loops may interrupt meanwhile: without our lock. */
	if (option != RESET_OFF && was != PHB_RESET)
		eeh_reset_functions(s);
	eeh_isolate(s);
	return RTAS_OK;
}

/* Address, unit id: what firmware configures at boot, BARs, once more. */
int32_t phb_eeh_configure(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);
	struct err err = { 0 };
	bool running;

	(void)cpu;
	if (!s)
		return RTAS_PARAMETER;
	device_lock(&s->dev);
	running = s->state == PHB_RUNNING;
	device_unlock(&s->dev);
	if (!running)
		return RTAS_HARDWARE;
	if (pci_assign_bars(&s->bus, &err) < 0) {
		guest_error(s->dev.name, "%s", err.msg);
		return RTAS_HARDWARE;
	}
	return RTAS_OK;
}

/* Which endpoint it was, and what became of it; dev.lock is held. */
static size_t eeh_log(struct spapr_phb *s, uint8_t log[ERRLOG_MAX])
{
	uint8_t body[16] = { 0 };
	const struct errlog what = {
		.type = RTAS_LOG_PLATFORM,
		.severity = RTAS_LOG_ERROR,
		.recovered = RTAS_LOG_LIMITED,
		.initiator = RTAS_LOG_BY_PCI,
		.subsystem = RTAS_LOG_IO,
		.id = "UD", /* free in form: LoPAR 10.3.2.2.7 */
		.body = body,
		.len = sizeof(body),
	};

	errlog_put(body, 8, s->cfg.buid);
	errlog_put(body + 8, 4, EEH_PE_ADDRESS);
	errlog_put(body + 12, 4, s->state);
	return errlog_make(log, &what, s->dev.env->clock);
}

/*
 * Address, unit id, the driver's log and its length, a buffer and its length,
 * temporary or permanent.  An error is told once, cut to the buffer.
 */
int32_t phb_eeh_detail(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_phb *s = phb_of(opaque, a->arg[1], a->arg[2]);
	uint8_t log[ERRLOG_MAX];
	int32_t ret = EEH_NO_ERROR;
	size_t size;

	(void)cpu;
	if (!s || a->arg[7] < 1 || a->arg[7] > 2)
		return RTAS_PARAMETER;
	device_lock(&s->dev);
	if (s->error) {
		size = eeh_log(s, log);
		if (size > a->arg[6])
			size = a->arg[6];
		ret = mem_write(s->dev.env->mem, a->arg[5], log, size) < 0
			      ? RTAS_PARAMETER
			      : RTAS_OK;
		s->error = ret != RTAS_OK;
	}
	device_unlock(&s->dev);
	return ret;
}
