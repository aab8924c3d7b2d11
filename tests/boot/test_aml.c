/* SPDX-License-Identifier: MIT */
/* The AML writer, byte for byte against ACPI 6.4, chapter 20. */
#include "boot/aml.h"

#include <errno.h>

#include "tests/test.h"

static uint8_t buf[1 << 17];

#define CHECK_AML(a, ...)                                      \
	do {                                                   \
		static const uint8_t want[] = { __VA_ARGS__ }; \
		CHECK_EQ(aml_done(&(a)), 0);                   \
		CHECK_EQ((a).len, sizeof(want));               \
		CHECK_MEM((a).buf, want, sizeof(want));        \
	} while (0)

TEST(aml_integers_take_the_shortest_form)
{
	struct aml a;

	aml_init(&a, buf, sizeof(buf));
	aml_int(&a, 0);
	aml_int(&a, 1);
	aml_int(&a, 2);
	aml_int(&a, 0x100);
	aml_int(&a, 0x12345);
	aml_int(&a, 0x123456789);
	CHECK_AML(a, 0x00, 0x01, 0x0a, 2, 0x0b, 0, 1, 0x0c, 0x45, 0x23, 1, 0,
		  0x0e, 0x89, 0x67, 0x45, 0x23, 1, 0, 0, 0);
}

TEST(aml_paths_count_their_segments)
{
	struct aml a;

	aml_init(&a, buf, sizeof(buf));
	aml_path(&a, "A");
	aml_path(&a, "\\_SB");
	aml_path(&a, "^AB.CDEF");
	aml_path(&a, "A.B.C");
	aml_path(&a, "\\");
	CHECK_AML(a, 'A', '_', '_', '_', '\\', '_', 'S', 'B', '_', '^', 0x2e,
		  'A', 'B', '_', '_', 'C', 'D', 'E', 'F', 0x2f, 3, 'A', '_',
		  '_', '_', 'B', '_', '_', '_', 'C', '_', '_', '_', '\\', 0);
}

TEST(aml_hids_are_compressed_or_strings)
{
	struct aml a;

	aml_init(&a, buf, sizeof(buf));
	aml_hid(&a, "PNP0501");
	aml_hid(&a, "ACPI0013");
	CHECK_AML(a, 0x0c, 0x41, 0xd0, 0x05, 0x01, 0x0d, 'A', 'C', 'P', 'I',
		  '0', '0', '1', '3', 0);
}

TEST(aml_uuid_has_mixed_byte_order)
{
	struct aml a;

	aml_init(&a, buf, sizeof(buf));
	aml_uuid(&a, "00112233-4455-6677-8899-aabbccddeeff");
	CHECK_AML(a, 0x11, 0x13, 0x0a, 0x10, 0x33, 0x22, 0x11, 0x00, 0x55, 0x44,
		  0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff);
}

TEST(aml_containers_nest)
{
	struct aml a;
	size_t scope, dev;

	aml_init(&a, buf, sizeof(buf));
	scope = aml_scope(&a, "X");
	dev = aml_device(&a, "Y");
	aml_name(&a, "_UID");
	aml_int(&a, 7);
	aml_end(&a, dev);
	aml_end(&a, scope);
	CHECK_AML(a, 0x10, 0x13, 'X', '_', '_', '_', 0x5b, 0x82, 0x0c, 'Y', '_',
		  '_', '_', 0x08, '_', 'U', 'I', 'D', 0x0a, 7);
}

/* The number of bytes of a length, and the length that they say. */
static size_t decode(const uint8_t *p, unsigned *n)
{
	size_t len = *n = p[0] >> 6;

	if (!*n)
		return p[0] & 0x3f;
	len = p[0] & 15;
	for (unsigned i = 1; i <= *n; i++)
		len |= (size_t)p[i] << (4 + 8 * (i - 1));
	return len;
}

TEST(aml_lengths_include_themselves_at_every_size)
{
	static const size_t body[] = { 0,      57,    58,    59,    4000,
				       0xff8,  0xff9, 0xffa, 0xffb, 0xfff,
				       0x1000, 65536, 100000 };

	for (unsigned i = 0; i < sizeof(body) / sizeof(*body); i++) {
		struct aml a;
		size_t mark;
		unsigned n;

		aml_init(&a, buf, sizeof(buf));
		mark = aml_scope(&a, "X");
		for (size_t k = 0; k < body[i]; k++)
			aml_u8(&a, 0xa3);
		aml_end(&a, mark);
		CHECK_EQ(aml_done(&a), 0);
		CHECK_EQ(decode(buf + 1, &n), a.len - 1);
		CHECK_EQ(a.len, 1 + 1 + n + 4 + body[i]);
		CHECK_MEM(buf + 2 + n, "X___", 4);
	}
}

TEST(aml_resources_end_with_their_tag)
{
	struct aml a;
	size_t m;

	aml_init(&a, buf, sizeof(buf));
	m = aml_resources(&a);
	aml_io(&a, 0x3f8, 8);
	aml_interrupt(&a, 4, false, false);
	aml_resources_end(&a, m);
	CHECK_AML(a, 0x11, 0x16, 0x0a, 0x13, 0x47, 1, 0xf8, 3, 0xf8, 3, 1, 8,
		  0x89, 6, 0, 0x03, 1, 4, 0, 0, 0, 0x79, 0);
}

TEST(aml_memory_is_as_wide_as_it_must_be)
{
	struct aml a;

	aml_init(&a, buf, sizeof(buf));
	aml_memory(&a, 0xfffff000, 0x1000);
	CHECK_AML(a, 0x86, 9, 0, 1, 0, 0xf0, 0xff, 0xff, 0, 0x10, 0, 0);
	aml_init(&a, buf, sizeof(buf));
	aml_memory(&a, 0xfffff000, 0x2000);
	CHECK_EQ(buf[0], 0x8a);
	CHECK_EQ(a.len, 46);
}

TEST(aml_interrupt_flags)
{
	struct aml a;

	aml_init(&a, buf, sizeof(buf));
	aml_interrupt(&a, 0x12345678, true, true);
	CHECK_AML(a, 0x89, 6, 0, 0x05, 1, 0x78, 0x56, 0x34, 0x12);
}

TEST(aml_full_buffer_is_told_and_never_passed)
{
	size_t need = SIZE_MAX;

	for (size_t cap = 80; cap--;) {
		uint8_t small[80];
		struct aml a;
		size_t m, r;

		memset(small, 0xee, sizeof(small));
		aml_init(&a, small, cap);
		m = aml_device(&a, "\\_SB.DEV0");
		aml_name(&a, "_CRS");
		r = aml_resources(&a);
		aml_memory(&a, 0x1000, 0x1000);
		aml_interrupt(&a, 4, true, false);
		aml_resources_end(&a, r);
		aml_end(&a, m);
		if (need == SIZE_MAX)
			need = a.len;
		CHECK_EQ(aml_done(&a), cap < need ? -ENOSPC : 0);
		CHECK(a.len <= cap);
		for (size_t i = cap; i < sizeof(small); i++)
			CHECK_EQ(small[i], 0xee);
	}
}
