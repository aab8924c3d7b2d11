/* SPDX-License-Identifier: MIT */
/* SAL: what a kernel asks of the platform.  SAL specification, chapter 9. */
#include "hw/sal/sal.h"

#include <string.h>

#include "hw/pci/pci.h"
#include "hw/sal/sal_priv.h"

/* Status, section 9.2.1 */
#define SAL_OK		  0
#define SAL_UNIMPLEMENTED (-1)
#define SAL_INVALID	  (-2)
#define SAL_NO_INFO	  (-5)

#define SAL_CALL(n) (0x01000000u + (n))

int sal_copy_in(const struct sal_args *a, uint64_t gva, void *buf, size_t len)
{
	return a->s->cfg.copy(a->s->cfg.opaque, a->cpu, gva, buf, len, false);
}

int sal_copy_out(const struct sal_args *a, uint64_t gva, const void *buf,
		 size_t len)
{
	return a->s->cfg.copy(a->s->cfg.opaque, a->cpu, gva,
			      (void *)(uintptr_t)buf, len, true);
}

/* ---- where the OS wants to be entered */
#define VECTOR_MCA    0
#define VECTOR_INIT   1
#define VECTOR_RENDEZ 2

/* An entry and its gp, where the code of hw/sal/code.c reads them. */
static int64_t set_vector(const struct sal *s, unsigned at, const uint64_t *in)
{
	gpa_t to = s->cfg.area + at;

	if (mem_store_le64(s->dev.env->mem, to, in[0]) < 0 ||
	    mem_store_le64(s->dev.env->mem, to + 8, in[1]) < 0)
		return SAL_INVALID;
	return SAL_OK;
}

/* Machine checks do not happen; what follows entry and gp is their length. */
static int64_t set_vectors(const struct sal_args *a)
{
	const struct sal *s = a->s;

	switch (a->in[0]) {
	case VECTOR_MCA: return SAL_OK;
	case VECTOR_RENDEZ: return set_vector(s, SAL_AT_RENDEZ, a->in + 1);
	case VECTOR_INIT: break;
	default: return SAL_INVALID;
	}
	if (set_vector(s, SAL_AT_OS_INIT, a->in + 1) < 0)
		return SAL_INVALID;
	return set_vector(s, SAL_AT_OS_INIT + 16, a->in + 4);
}

/* ---- errors: there are none to tell of */
static int64_t no_info(const struct sal_args *a)
{
	(void)a;
	return SAL_NO_INFO;
}

static int64_t nothing(const struct sal_args *a)
{
	(void)a;
	return SAL_OK;
}

/* ---- frequencies */
static int64_t freq_base(const struct sal_args *a)
{
	if (a->in[0] > 0) /* the interval counter's, the RTC's */
		return SAL_UNIMPLEMENTED;
	a->out[0] = a->s->cfg.platform_hz;
	a->out[1] = UINT64_MAX; /* drift: not known */
	return SAL_OK;
}

/* ---- PCI configuration: address, size, (value,) the address's form */
struct sbdf {
	unsigned segment, bus, devfn, off;
};

/* Section 9.4: compatible addresses have 8 bits of register, others 12. */
static bool pci_address(uint64_t addr, uint64_t form, struct sbdf *to)
{
	if (form == 0)
		*to = (struct sbdf){ addr >> 24 & 0xff, addr >> 16 & 0xff,
				     addr >> 8 & 0xff, addr & 0xff };
	else
		*to = (struct sbdf){ addr >> 28 & 0xffff, addr >> 20 & 0xff,
				     addr >> 12 & 0xff, addr & 0xfff };
	return form <= 1;
}

static bool pci_ok(const struct sbdf *p, uint64_t size)
{
	return p->segment == 0 && (size == 1 || size == 2 || size == 4) &&
	       p->off % size == 0;
}

static int64_t pci_read(const struct sal_args *a)
{
	struct sbdf p;

	if (!pci_address(a->in[0], a->in[2], &p) || !pci_ok(&p, a->in[1]))
		return SAL_INVALID;
	a->out[0] = UINT64_MAX >> (64 - 8 * a->in[1]);
	if (a->s->pci)
		a->out[0] = pci_config_read(a->s->pci, p.bus, (uint8_t)p.devfn,
					    p.off, (unsigned)a->in[1]);
	return SAL_OK;
}

static int64_t pci_write(const struct sal_args *a)
{
	struct sbdf p;

	if (!pci_address(a->in[0], a->in[3], &p) || !pci_ok(&p, a->in[1]))
		return SAL_INVALID;
	if (a->s->pci)
		pci_config_write(a->s->pci, p.bus, (uint8_t)p.devfn, p.off,
				 (unsigned)a->in[1], (uint32_t)a->in[2]);
	return SAL_OK;
}

/* Of the package, as PAL_LOGICAL_TO_PHYSICAL tells. */
static int64_t physical_id(const struct sal_args *a)
{
	a->out[0] = a->s->cfg.board->cpus[a->cpu].socket;
	return SAL_OK;
}

/* ---- all of them */
static const struct {
	uint32_t nr;
	/* Without the device's lock: PCI functions have their own. */
	int64_t (*fn)(const struct sal_args *a);
} calls[] = {
	{ SAL_CALL(0x00), set_vectors },
	{ SAL_CALL(0x01), no_info }, /* SAL_GET_STATE_INFO */
	{ SAL_CALL(0x02), nothing }, /* SAL_GET_STATE_INFO_SIZE: 0 */
	{ SAL_CALL(0x03), nothing }, /* SAL_CLEAR_STATE_INFO */
	{ SAL_CALL(0x04), nothing }, /* SAL_MC_RENDEZ */
	{ SAL_CALL(0x05), nothing }, /* SAL_MC_SET_PARAMS */
	{ SAL_CALL(0x06), nothing }, /* SAL_REGISTER_PHYSICAL_ADDR */
	{ SAL_CALL(0x08), nothing }, /* SAL_CACHE_FLUSH */
	{ SAL_CALL(0x09), nothing }, /* SAL_CACHE_INIT */
	{ SAL_CALL(0x10), pci_read },
	{ SAL_CALL(0x11), pci_write },
	{ SAL_CALL(0x12), freq_base },
	{ SAL_CALL(0x13), physical_id },
};

int64_t sal_call(struct device *sal, unsigned cpu, uint64_t nr,
		 const uint64_t in[SAL_CALL_REGS], uint64_t out[SAL_CALL_REGS])
{
	const struct sal_args a = {
		.s = (struct sal *)sal, .cpu = cpu, .in = in, .out = out
	};

	if (nr - SAL_EFI_CALL < EFI_SERVICES)
		return (int64_t)efi_call(&a, (unsigned)(nr - SAL_EFI_CALL));
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].nr == nr)
			return calls[i].fn(&a);
	return SAL_UNIMPLEMENTED;
}

/* ---- the device */

void sal_setup(struct device *sal, const struct sal_config *c)
{
	((struct sal *)sal)->cfg = *c;
}

void sal_set_pci(struct device *sal, struct pci_bus *bus)
{
	((struct sal *)sal)->pci = bus;
}

static int sal_realize(struct device *dev, struct err *err)
{
	struct sal *s = (struct sal *)dev;

	(void)err;
	s->offset_ns =
		rtc_base_offset_ns(&s->base, clock_wall_ns(dev->env->clock));
	return 0;
}

static void sal_reset(struct device *dev)
{
	efi_reset((struct sal *)dev);
}

static const struct prop sal_props[] = {
	RTC_BASE_PROP(struct sal, base, SAL_LAST_YEAR),
	{ 0 },
};

const struct device_class sal_class = {
	.name = "sal",
	.brief = "SAL and EFI runtime services",
	.size = sizeof(struct sal),
	.props = sal_props,
	.realize = sal_realize,
	.reset = sal_reset,
};

/* ---- a file for the variables */

struct efi_nvram {
	struct device dev;
	char *file;
	struct sal *sal; /* constant from setup */
};

void efi_nvram_setup(struct device *nvram, struct device *sal)
{
	((struct efi_nvram *)nvram)->sal = (struct sal *)sal;
}

static int efi_nvram_realize(struct device *dev, struct err *err)
{
	struct efi_nvram *n = (struct efi_nvram *)dev;

	if (!n->file)
		return 0;
	return efi_vars_open(&n->sal->vars, n->file, err);
}

static void efi_nvram_unrealize(struct device *dev)
{
	efi_vars_close(&((struct efi_nvram *)dev)->sal->vars);
}

static const struct prop efi_nvram_props[] = {
	{ .name = "file",
	  .arg = "PATH",
	  .kind = PROP_STR,
	  .min = 1,
	  .off = offsetof(struct efi_nvram, file),
	  .brief = "keep EFI's variables in this file",
	  .detail = "The file is made if there is none.  Without it they last "
		    "as long as vmm runs." },
	{ 0 },
};

const struct device_class efi_nvram_class = {
	.name = "efi-nvram",
	.brief = "a file that keeps EFI's variables",
	.size = sizeof(struct efi_nvram),
	.props = efi_nvram_props,
	.realize = efi_nvram_realize,
	.unrealize = efi_nvram_unrealize,
};
