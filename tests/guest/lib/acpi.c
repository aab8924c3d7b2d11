// SPDX-License-Identifier: MIT
/*
 * Reads what the ACPI tables say about the machine (ACPI 6.5, chapter 5).
 *
 * There is no AML interpreter here.  A device is taken to be a DeviceOp package
 * whose body, children aside, has a constant _HID and _CRS; that is how the
 * machines we run on write theirs.
 */
#include "arch.h"
#include "guest.h"

#define AML_NAME    0x08
#define AML_BYTE    0x0a
#define AML_WORD    0x0b
#define AML_DWORD   0x0c
#define AML_STRING  0x0d
#define AML_BUFFER  0x11
#define AML_PACKAGE 0x12

/* A generic address structure: space, width, offset, access size, address. */
static struct reg acpi_gas(const uint8_t *p)
{
	struct reg r = { p[0] == 1, get64(p + 4) };

	return r;
}

const struct acpi_header *acpi_find(const char *sig)
{
	for (unsigned i = 0; i < machine.ntables; i++)
		if (!memcmp(machine.table[i]->signature, sig, 4))
			return machine.table[i];
	return NULL;
}

static void acpi_add(uint64_t gpa)
{
	const struct acpi_header *h = (void *)gpa;

	if (!gpa || machine.ntables == MAX_TABLES)
		return;
	arch_map(gpa, sizeof(*h));
	arch_map(gpa, h->length);
	machine.table[machine.ntables++] = h;
}

static void acpi_madt(const uint8_t *t, uint32_t length)
{
	for (uint32_t off = 44; off + 2 <= length && t[off + 1] >= 2;
	     off += t[off + 1])
		arch_madt(t, t + off);
}

static void acpi_fadt(const uint8_t *t, uint32_t length)
{
	uint32_t flags = get32(t + 112);

	machine.sleep_type = -1;
	machine.pm1a_control = (struct reg){ true, get32(t + 64) };
	if (length >= 129 && (flags & 1 << 10)) {
		machine.reset = acpi_gas(t + 116);
		machine.reset_value = t[128];
	}
	if (length >= 268 && (flags & 1 << 20)) {
		machine.hw_reduced = true;
		machine.sleep_control = acpi_gas(t + 244);
	}
	acpi_add(length >= 148 && get64(t + 140) ? get64(t + 140)
						 : get32(t + 40));
}

static void acpi_mcfg(const uint8_t *t, uint32_t length)
{
	if (length < 60)
		return;
	machine.ecam = get64(t + 44);
	machine.bus_first = t[54];
	machine.bus_last = t[55];
	arch_map(machine.ecam, (uint64_t)(machine.bus_last + 1) << 20);
}

static void acpi_spcr(const uint8_t *t)
{
	machine.uart = acpi_gas(t + 40);
	machine.uart_gsi = get32(t + 54);
}

/* An AML package length: the bytes it takes are added to *off. */
static uint32_t aml_length(const uint8_t *p, uint32_t *off)
{
	uint8_t lead = p[(*off)++];
	uint32_t len = lead & 0x3f;

	if (lead >> 6)
		len &= 15;
	for (unsigned i = 0; i < lead >> 6; i++)
		len |= p[(*off)++] << (4 + 8 * i);
	return len;
}

/* An AML integer constant, or a string's EISA-like number; -1 if neither. */
static int64_t aml_int(const uint8_t *p)
{
	switch (*p) {
	case 0:
	case 1: return *p;
	case AML_BYTE: return p[1];
	case AML_WORD: return get16(p + 1);
	case AML_DWORD: return get32(p + 1);
	}
	return -1;
}

/* The object that NameOp gives this name within the body, or NULL. */
static const uint8_t *aml_name(const uint8_t *p, uint32_t len, const char *name)
{
	for (uint32_t i = 0; i + 7 < len; i++) {
		const uint8_t *at = p + i + 1;

		at += *at == '\\'; /* an absolute name */
		if (p[i] == AML_NAME && !memcmp(at, name, 4))
			return at + 4;
	}
	return NULL;
}

struct crs {
	struct window io, mem32, mem64;
	uint64_t io_cpu;
	struct reg port;
	struct mmio_slot fixed;
	bool bus;
};

static void crs_window(struct window *w, uint64_t base, uint64_t size)
{
	if (size > w->size)
		*w = (struct window){ base, size, base };
}

/* Ports, and where the CPU finds them if it has no instructions for them. */
static void crs_io(struct crs *c, uint64_t base, uint64_t size, uint64_t cpu)
{
	crs_window(&c->io, base, size);
	if (cpu) {
		c->io_cpu = cpu;
		c->io.next += 0x1000; /* a BAR of 0 is none */
	}
}

/* Reads a resource template (ACPI 6.5 section 6.4). */
static void crs_read(struct crs *c, const uint8_t *p, uint32_t len)
{
	for (uint32_t i = 0, n; i + 2 < len; i += n) {
		const uint8_t *d = p + i;

		n = d[0] & 0x80 ? 3u + get16(d + 1) : 1u + (d[0] & 7);
		switch (d[0] & 0x80 ? d[0] : d[0] & 0x78) {
		case 0x40: /* I/O port */
			if (!c->port.addr)
				c->port = (struct reg){ true, get16(d + 2) };
			break;
		case 0x86: /* fixed 32-bit memory */
			c->fixed.base = get32(d + 4);
			c->fixed.size = get32(d + 8);
			break;
		case 0x89: /* extended interrupt */
			c->fixed.gsi = get32(d + 5);
			break;
		case 0x88: /* word address space */
			if (d[3] == 2)
				c->bus = true;
			if (d[3] == 1)
				crs_window(&c->io, get16(d + 8), get16(d + 14));
			break;
		case 0x87: /* dword address space */
			if (d[3] == 0)
				crs_window(&c->mem32, get32(d + 10),
					   get32(d + 22));
			if (d[3] == 1)
				crs_io(c, get32(d + 10), get32(d + 22),
				       get32(d + 18));
			break;
		case 0x8a: /* qword address space */
			if (d[3] == 0 && get64(d + 14) >> 32)
				crs_window(&c->mem64, get64(d + 14),
					   get64(d + 38));
			else if (d[3] == 0)
				crs_window(&c->mem32, get64(d + 14),
					   get64(d + 38));
			else if (d[3] == 1)
				crs_io(c, get64(d + 14), get64(d + 38),
				       get64(d + 30));
			break;
		case 0x78: return; /* end tag */
		}
	}
}

/* True if the object is this _HID, as a string or packed (section 19.3.4). */
static bool acpi_is(const uint8_t *hid, const char *name)
{
	uint32_t id = 0;

	if (*hid == AML_STRING)
		return !strcmp((const char *)hid + 1, name);
	if (*hid != AML_DWORD || strlen(name) != 7)
		return false;
	for (unsigned i = 0; i < 3; i++)
		id = id << 5 | (name[i] - 0x40);
	id = id << 16 | parse_num((char[]){ '0', 'x', name[3], name[4], name[5],
					    name[6], 0 });
	return __builtin_bswap32(id) == get32(hid + 1);
}

static void acpi_device(const uint8_t *hid, const struct crs *c)
{
	if ((acpi_is(hid, "PNP0A08") || acpi_is(hid, "PNP0A03")) && c->bus) {
		machine.pci_io = c->io;
		machine.pci_mem32 = c->mem32;
		machine.pci_mem64 = c->mem64;
		machine.pci_io_cpu = c->io_cpu;
		if (c->io_cpu)
			arch_map(c->io_cpu, c->io.size);
	} else if (acpi_is(hid, "LNRO0005") && c->fixed.base &&
		   machine.nslots < MAX_SLOTS) {
		arch_map(c->fixed.base, c->fixed.size);
		machine.slot[machine.nslots++] = c->fixed;
	} else if (acpi_is(hid, "QEMU0001")) {
		machine.pvpanic = c->port;
	} else if (acpi_is(hid, "PNP0B00")) {
		machine.rtc = c->port;
	}
}

static void acpi_dsdt(const uint8_t *t, uint32_t length)
{
	const uint8_t *s5;

	for (uint32_t i = 36; i + 8 < length; i++) {
		uint32_t off = i + 2, len, at = off;
		const uint8_t *hid, *crs;
		struct crs c = { 0 };

		if (t[i] != 0x5b || t[i + 1] != 0x82) /* DeviceOp */
			continue;
		len = aml_length(t, &off);
		if (len < 5 || len > length - at)
			continue;
		hid = aml_name(t + off, len - (off - at), "_HID");
		crs = aml_name(t + off, len - (off - at), "_CRS");
		if (crs && *crs == AML_BUFFER) {
			uint32_t o = 1;
			uint32_t n = aml_length(crs, &o);

			o += crs[o] == AML_BYTE	   ? 2
			     : crs[o] == AML_WORD  ? 3
			     : crs[o] == AML_DWORD ? 5
						   : 1;
			if (crs + n < t + length)
				crs_read(&c, crs + o, n + 1 - o);
		}
		if (hid)
			acpi_device(hid, &c);
	}
	s5 = aml_name(t + 36, length - 36, "_S5_");
	if (s5 && *s5 == AML_PACKAGE) {
		uint32_t o = 1;

		aml_length(s5, &o);
		machine.sleep_type = aml_int(s5 + o + 1);
	}
}

void acpi_read(void)
{
	const uint8_t *rsdp = (void *)machine.rsdp;
	const uint8_t *root;
	bool wide;

	machine.sleep_type = -1;
	if (!rsdp)
		return;
	arch_map(machine.rsdp, 36);
	if (memcmp(rsdp, "RSD PTR ", 8))
		return;
	wide = rsdp[15] >= 2 && get64(rsdp + 24);
	root = (void *)(wide ? get64(rsdp + 24) : get32(rsdp + 16));
	arch_map((uint64_t)root, 36);
	arch_map((uint64_t)root, get32(root + 4));
	for (uint32_t off = 36; off < get32(root + 4); off += wide ? 8 : 4)
		acpi_add(wide ? get64(root + off) : get32(root + off));
	for (unsigned i = 0; i < machine.ntables; i++) {
		const struct acpi_header *h = machine.table[i];
		const uint8_t *t = (const void *)h;

		if (!memcmp(h->signature, "APIC", 4))
			acpi_madt(t, h->length);
		else if (!memcmp(h->signature, "FACP", 4))
			acpi_fadt(t, h->length); /* appends the DSDT */
		else if (!memcmp(h->signature, "MCFG", 4))
			acpi_mcfg(t, h->length);
		else if (!memcmp(h->signature, "SPCR", 4))
			acpi_spcr(t);
		else if (!memcmp(h->signature, "DSDT", 4) ||
			 !memcmp(h->signature, "SSDT", 4))
			acpi_dsdt(t, h->length);
	}
}
