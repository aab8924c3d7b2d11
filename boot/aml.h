/* SPDX-License-Identifier: MIT */
/* Writes AML, the byte code of ACPI's DSDT, into a bounded buffer. */
#ifndef BOOT_AML_H
#define BOOT_AML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * AML is a tree in prefix notation: most terms are an opcode followed by
 * their operands, which are terms themselves.  So code is written top down:
 *
 *	m = aml_device(a, "UAR0");
 *	aml_name(a, "_UID");			Name (_UID, 3)
 *	aml_int(a, 3);
 *	aml_end(a, m);
 *
 * A term that holds others is opened by a function that returns a mark and
 * closed by aml_end(), which then knows its length.  Terms close in reverse
 * order.  What does not fit is dropped and makes aml_done() fail; no call in
 * between needs checking.  ACPI 6.4, chapter 20 (AML) and 6.4 (resources).
 */
struct aml {
	uint8_t *buf; /* the caller's */
	size_t len, cap;
	bool full; /* something did not fit */
};

void aml_init(struct aml *a, void *buf, size_t cap);
/* 0, or -ENOSPC when something did not fit. */
int aml_done(const struct aml *a);

/* Little-endian bytes; for tables too. */
void aml_bytes(struct aml *a, const void *p, size_t n);
void aml_u8(struct aml *a, uint8_t val);
void aml_u16(struct aml *a, uint16_t val);
void aml_u32(struct aml *a, uint32_t val);
void aml_u64(struct aml *a, uint64_t val);

/* ---- data */

/*
 * A name: "_HID", "\\_SB.PCI0.UAR0", "^X".  Segments shorter than four
 * characters are filled up with '_'.
 */
void aml_path(struct aml *a, const char *path);
void aml_int(struct aml *a, uint64_t val);
void aml_string(struct aml *a, const char *s);
/* A _HID or _CID: "PNP0501" in its compressed form, others as a string. */
void aml_hid(struct aml *a, const char *hid);
/* A UUID in text form as the 16 bytes that EFI and ToUUID() make of it. */
void uuid_bytes(const char *uuid, uint8_t to[16]);
void aml_uuid(struct aml *a, const char *uuid);
/* Name (path, ...): what is written next is its value. */
void aml_name(struct aml *a, const char *path);

/* ---- terms that hold others */

size_t aml_scope(struct aml *a, const char *path);
size_t aml_device(struct aml *a, const char *path);
size_t aml_method(struct aml *a, const char *path, unsigned args,
		  bool serialized);
/* Of n elements, at most 255. */
size_t aml_package(struct aml *a, unsigned n);
/* The condition is written next, then the body. */
size_t aml_if(struct aml *a);
size_t aml_else(struct aml *a);
void aml_end(struct aml *a, size_t mark);

/* A buffer of the bytes, or resources, written until it is closed. */
size_t aml_buffer(struct aml *a);
void aml_buffer_end(struct aml *a, size_t mark);
size_t aml_resources(struct aml *a);
void aml_resources_end(struct aml *a, size_t mark);

/* ---- expressions: an opcode; its operands are written next */

enum aml_op {
	AML_ZERO = 0x00,
	AML_LOCAL0 = 0x60,
	AML_ARG0 = 0x68,
	AML_ARG1 = 0x69,
	AML_ARG3 = 0x6b,
	AML_STORE = 0x70,	 /* source, target */
	AML_AND = 0x7b,		 /* a, b, target (AML_ZERO: none) */
	AML_OR = 0x7d,		 /* the same */
	AML_NOTIFY = 0x86,	 /* object, value */
	AML_CREATE_DWORD = 0x8a, /* buffer, byte index, name */
	AML_NOT = 0x92,		 /* logical; a */
	AML_EQUAL = 0x93,	 /* a, b */
	AML_RETURN = 0xa4,	 /* a */
};
void aml_op(struct aml *a, enum aml_op op);

enum aml_space { AML_SYSTEM_MEMORY = 0, AML_SYSTEM_IO = 1 };
/* OperationRegion (name, space, base, size). */
void aml_region(struct aml *a, const char *name, enum aml_space space,
		uint64_t base, uint64_t size);
/* Field (region, DWordAcc, NoLock, Preserve) { name, 32 }. */
void aml_field32(struct aml *a, const char *region, const char *name);

/* ---- resource descriptors, between aml_resources() and its end */

/* size bytes at a fixed base; 32 bits wide where that suffices. */
void aml_memory(struct aml *a, uint64_t base, uint64_t size);
/* At most 255 ports at a fixed base. */
void aml_io(struct aml *a, uint16_t base, uint8_t size);
/* A GSI, exclusive; level or edge, active low or high. */
void aml_interrupt(struct aml *a, uint32_t gsi, bool level, bool low);
/* Windows that a bridge passes on: producers. */
void aml_bus_numbers(struct aml *a, uint16_t first, uint16_t n);
void aml_io_window(struct aml *a, uint32_t base, uint32_t size);
/* Ports that the CPU sees in memory, the first of them at mmio. */
void aml_io_window_mmio(struct aml *a, uint64_t base, uint64_t size,
			uint64_t mmio);
/* DWordMemory where it lies below 4 GiB, QWordMemory otherwise. */
void aml_memory_window(struct aml *a, uint64_t base, uint64_t size);

#endif
