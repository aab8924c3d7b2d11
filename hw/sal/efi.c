/* SPDX-License-Identifier: MIT */
/* EFI's runtime services: UEFI 2.10, chapter 8. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hw/sal/sal_priv.h"

#define EFI_ERROR(n)	      (UINT64_C(1) << 63 | (n))
#define EFI_SUCCESS	      UINT64_C(0)
#define EFI_INVALID_PARAMETER EFI_ERROR(2)
#define EFI_UNSUPPORTED	      EFI_ERROR(3)
#define EFI_BUFFER_TOO_SMALL  EFI_ERROR(5)
#define EFI_DEVICE_ERROR      EFI_ERROR(7)
#define EFI_OUT_OF_RESOURCES  EFI_ERROR(9)
#define EFI_NOT_FOUND	      EFI_ERROR(14)

static uint64_t get64(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned i = 8; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

static void put64(uint8_t *p, uint64_t val)
{
	for (unsigned i = 0; i < 8; i++)
		p[i] = (uint8_t)(val >> 8 * i);
}

/* ---- time, section 8.3: EFI_TIME */
#define TIME_SIZE     16
#define TIME_NO_ZONE  0x7ff
#define TIME_CAP_SIZE 12

static void time_put(uint8_t p[TIME_SIZE], const struct tm *tm, uint32_t ns)
{
	unsigned year = (unsigned)tm->tm_year + 1900;

	memset(p, 0, TIME_SIZE);
	p[0] = (uint8_t)year;
	p[1] = (uint8_t)(year >> 8);
	p[2] = (uint8_t)(tm->tm_mon + 1);
	p[3] = (uint8_t)tm->tm_mday;
	p[4] = (uint8_t)tm->tm_hour;
	p[5] = (uint8_t)tm->tm_min;
	p[6] = (uint8_t)tm->tm_sec;
	for (unsigned i = 0; i < 4; i++)
		p[8 + i] = (uint8_t)(ns >> 8 * i);
	p[12] = TIME_NO_ZONE & 0xff;
	p[13] = TIME_NO_ZONE >> 8;
}

static uint64_t get_time(const struct sal_args *a)
{
	/* a resolution of 1 Hz, which is what Linux reads */
	static const uint8_t cap[TIME_CAP_SIZE] = { 1 };
	int64_t now = clock_wall_ns(a->s->dev.env->clock) + a->s->offset_ns;
	time_t sec = rtc_div_floor(now, RTC_SEC_NS);
	uint8_t time[TIME_SIZE];
	struct tm tm;

	if (!a->in[0])
		return EFI_INVALID_PARAMETER;
	if (!gmtime_r(&sec, &tm))
		return EFI_DEVICE_ERROR;
	time_put(time, &tm, (uint32_t)(now - sec * RTC_SEC_NS));
	if (sal_copy_out(a, a->in[0], time, sizeof(time)) < 0 ||
	    (a->in[1] && sal_copy_out(a, a->in[1], cap, sizeof(cap)) < 0))
		return EFI_DEVICE_ERROR;
	return EFI_SUCCESS;
}

static uint64_t set_time(const struct sal_args *a)
{
	uint8_t p[TIME_SIZE];
	struct tm tm = { 0 };
	int64_t sec;

	if (!a->in[0] || sal_copy_in(a, a->in[0], p, sizeof(p)) < 0)
		return EFI_INVALID_PARAMETER;
	tm.tm_year = (p[0] | p[1] << 8) - 1900;
	tm.tm_mon = p[2] - 1;
	tm.tm_mday = p[3];
	tm.tm_hour = p[4];
	tm.tm_min = p[5];
	tm.tm_sec = p[6];
	if (tm.tm_year < -2 || tm.tm_year > SAL_LAST_YEAR - 1900 || p[2] < 1 ||
	    p[2] > 12 || p[3] < 1 || p[3] > 31 || p[4] > 23 || p[5] > 59 ||
	    p[6] > 59)
		return EFI_INVALID_PARAMETER;
	sec = timegm(&tm);
	a->s->offset_ns =
		sec * RTC_SEC_NS - clock_wall_ns(a->s->dev.env->clock);
	return EFI_SUCCESS;
}

/* ---- virtual addresses, section 8.4 */
#define MAP_MAX		    0x10000u
#define DESC_MIN	    40
#define DESC_PHYS	    8
#define DESC_VIRT	    16
#define DESC_PAGES	    24
#define RUNTIME_TABLE_FIRST (SAL_AT_RUNTIME + 24)

/* Function descriptors, and the table that points to them, move by delta. */
static bool relocate(struct sal *s, uint64_t delta)
{
	const struct mem *m = s->dev.env->mem;
	gpa_t descs = s->cfg.area + SAL_AT_DESCS;
	gpa_t table = s->cfg.area + RUNTIME_TABLE_FIRST;
	uint64_t val;

	for (unsigned i = 0; i < 2 * EFI_SERVICES; i++)
		if (mem_load_le64(m, descs + 8 * i, &val) < 0 ||
		    mem_store_le64(m, descs + 8 * i, val + delta) < 0)
			return false;
	for (unsigned i = 0; i < EFI_SERVICES; i++)
		if (mem_load_le64(m, table + 8 * i, &val) < 0 ||
		    mem_store_le64(m, table + 8 * i, val + delta) < 0)
			return false;
	return true;
}

/* The first descriptor that holds our code says by how much it moves. */
static uint64_t set_map(const struct sal_args *a, const uint8_t *map,
			uint64_t size, uint64_t step)
{
	uint64_t code = a->s->cfg.area + SAL_AT_SAL;

	for (uint64_t at = 0; at + DESC_MIN <= size; at += step) {
		uint64_t phys = get64(map + at + DESC_PHYS);

		if ((code - phys) >> 12 >= get64(map + at + DESC_PAGES))
			continue;
		if (!relocate(a->s, get64(map + at + DESC_VIRT) - phys))
			return EFI_DEVICE_ERROR;
		a->s->virtual = true;
		return EFI_SUCCESS;
	}
	return EFI_NOT_FOUND;
}

static uint64_t set_virtual_address_map(const struct sal_args *a)
{
	uint64_t size = a->in[0], step = a->in[1], ret;
	uint8_t *map;

	if (a->s->virtual)
		return EFI_UNSUPPORTED;
	if (size > MAP_MAX || step < DESC_MIN || step > size || a->in[2] != 1)
		return EFI_INVALID_PARAMETER;
	map = malloc(size);
	if (!map)
		return EFI_OUT_OF_RESOURCES;
	ret = sal_copy_in(a, a->in[3], map, size) < 0
		      ? EFI_INVALID_PARAMETER
		      : set_map(a, map, size, step);
	free(map);
	return ret;
}

/* ---- variables, section 8.2 */
#define NAME_MAX_  1024u /* bytes, with the zero */
#define ATTRIBUTES 7u	 /* non-volatile, boot and runtime access */

/* A variable's name and GUID as the caller gave them. */
struct name {
	uint8_t guid[16];
	uint8_t text[NAME_MAX_];
	uint32_t size; /* of text, with its zero; 0: it was too long */
};

static int copy_name(const struct sal_args *a, uint64_t text, uint64_t guid,
		     struct name *n)
{
	n->size = 0;
	if (sal_copy_in(a, guid, n->guid, sizeof(n->guid)) < 0)
		return -EFAULT;
	for (uint32_t at = 0; at < NAME_MAX_; at += 2) {
		if (sal_copy_in(a, text + at, n->text + at, 2) < 0)
			return -EFAULT;
		if (n->text[at] || n->text[at + 1])
			continue;
		n->size = at + 2;
		break;
	}
	return 0;
}

/* Puts a buffer where the caller wants it, or says how large it would be. */
static uint64_t give(const struct sal_args *a, uint64_t size_at, uint64_t to,
		     const uint8_t *data, uint32_t size)
{
	uint8_t room[8], need[8];

	bool fits;

	put64(need, size);
	if (sal_copy_in(a, size_at, room, 8) < 0)
		return EFI_INVALID_PARAMETER;
	fits = get64(room) >= size;
	/* made again after a fault, the call must find the size as it was */
	if (fits && (!to || sal_copy_out(a, to, data, size) < 0))
		return EFI_INVALID_PARAMETER;
	if (sal_copy_out(a, size_at, need, 8) < 0)
		return EFI_INVALID_PARAMETER;
	return fits ? EFI_SUCCESS : EFI_BUFFER_TOO_SMALL;
}

/* name, GUID, attributes or NULL, size in and out, data */
static uint64_t get_variable(const struct sal_args *a)
{
	uint8_t attributes[4];
	struct efi_var var;
	struct name n;

	if (!a->in[0] || !a->in[1] || !a->in[3] ||
	    copy_name(a, a->in[0], a->in[1], &n) < 0 || !n.size)
		return EFI_INVALID_PARAMETER;
	if (!efi_vars_find(&a->s->vars, n.guid, n.text, n.size, &var))
		return EFI_NOT_FOUND;
	for (unsigned i = 0; i < 4; i++)
		attributes[i] = (uint8_t)(var.attributes >> 8 * i);
	if (a->in[2] && sal_copy_out(a, a->in[2], attributes, 4) < 0)
		return EFI_INVALID_PARAMETER;
	return give(a, a->in[3], a->in[4], var.data, var.data_size);
}

/* size in and out, name in and out, GUID in and out */
static uint64_t get_next_variable_name(const struct sal_args *a)
{
	struct efi_var var;
	struct name n;
	uint64_t status;
	int ret;

	if (!a->in[0] || !a->in[1] || !a->in[2] ||
	    copy_name(a, a->in[1], a->in[2], &n) < 0 || !n.size)
		return EFI_INVALID_PARAMETER;
	ret = efi_vars_next(&a->s->vars, n.guid, n.text, n.size, &var);
	if (ret < 0)
		return ret == -ENOENT ? EFI_NOT_FOUND : EFI_INVALID_PARAMETER;
	/* all that may fault does so before the first of them changes */
	if (sal_copy_out(a, a->in[2], n.guid, 16) < 0 ||
	    sal_copy_out(a, a->in[1], n.text, n.size) < 0)
		return EFI_INVALID_PARAMETER;
	status = give(a, a->in[0], a->in[1], var.name, var.name_size);
	if (status == EFI_SUCCESS &&
	    sal_copy_out(a, a->in[2], var.guid, 16) < 0)
		return EFI_INVALID_PARAMETER;
	return status;
}

/* name, GUID, attributes, size, data */
static uint64_t set_variable(const struct sal_args *a)
{
	uint64_t size = a->in[3];
	uint8_t *data;
	struct name n;
	int ret;

	if (!a->in[0] || !a->in[1] || (a->in[2] & ~(uint64_t)ATTRIBUTES) ||
	    copy_name(a, a->in[0], a->in[1], &n) < 0 || n.size < 4)
		return EFI_INVALID_PARAMETER;
	if (size > efi_vars_room(&a->s->vars) + EFI_VARS_SIZE)
		return EFI_OUT_OF_RESOURCES;
	data = malloc(size + 1);
	if (!data)
		return EFI_OUT_OF_RESOURCES;
	ret = size ? sal_copy_in(a, a->in[4], data, size) : 0;
	if (!ret) {
		const struct efi_var var = {
			.attributes = (uint32_t)a->in[2],
			.guid = n.guid,
			.name = n.text,
			.data = data,
			.name_size = n.size,
			.data_size = a->in[2] ? (uint32_t)size : 0
		};

		ret = efi_vars_set(&a->s->vars, &var);
	}
	free(data);
	switch (ret) {
	case 0: return EFI_SUCCESS;
	case -ENOENT: return EFI_NOT_FOUND;
	case -ENOSPC: return EFI_OUT_OF_RESOURCES;
	case -EIO: return EFI_DEVICE_ERROR;
	default: return EFI_INVALID_PARAMETER;
	}
}

/* attributes, where to: the most, what is left, the largest */
static uint64_t query_variable_info(const struct sal_args *a)
{
	uint64_t vals[3] = { EFI_VARS_SIZE, efi_vars_room(&a->s->vars),
			     efi_vars_room(&a->s->vars) };

	for (unsigned i = 0; i < 3; i++) {
		uint8_t p[8];

		put64(p, vals[i]);
		if (!a->in[1 + i] || sal_copy_out(a, a->in[1 + i], p, 8) < 0)
			return EFI_INVALID_PARAMETER;
	}
	return EFI_SUCCESS;
}

/* ---- the rest */
static uint64_t get_next_high_count(const struct sal_args *a)
{
	uint8_t p[4];

	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)((a->s->high_count + 1) >> 8 * i);
	if (!a->in[0] || sal_copy_out(a, a->in[0], p, 4) < 0)
		return EFI_INVALID_PARAMETER;
	a->s->high_count++;
	return EFI_SUCCESS;
}

#define RESET_SHUTDOWN 2

/* The machine ends or begins anew; until then the CPU may run on a little. */
static uint64_t reset_system(const struct sal_args *a)
{
	const struct device_env *env = a->s->dev.env;

	env->request(env->opaque,
		     a->in[0] == RESET_SHUTDOWN ? VM_POWEROFF : VM_RESET, 0);
	return EFI_SUCCESS;
}

uint64_t efi_call(const struct sal_args *a, unsigned nr)
{
	static uint64_t (*const services[EFI_SERVICES])(
		const struct sal_args *a) = {
		[EFI_GET_TIME] = get_time,
		[EFI_SET_TIME] = set_time,
		[EFI_SET_VIRTUAL_ADDRESS_MAP] = set_virtual_address_map,
		[EFI_GET_VARIABLE] = get_variable,
		[EFI_GET_NEXT_VARIABLE_NAME] = get_next_variable_name,
		[EFI_SET_VARIABLE] = set_variable,
		[EFI_GET_NEXT_HIGH_COUNT] = get_next_high_count,
		[EFI_RESET_SYSTEM] = reset_system,
		[EFI_QUERY_VARIABLE_INFO] = query_variable_info,
	};
	uint64_t ret;

	if (!services[nr])
		return EFI_UNSUPPORTED;
	device_lock(&a->s->dev);
	ret = services[nr](a);
	device_unlock(&a->s->dev);
	return ret;
}

void efi_reset(struct sal *s)
{
	s->virtual = false;
	efi_vars_reset(&s->vars);
}
