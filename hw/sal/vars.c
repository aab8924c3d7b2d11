/* SPDX-License-Identifier: MIT */
/* EFI variables: UEFI 2.10, section 8.2. */
#include "hw/sal/vars.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A record: name and data sizes, attributes, GUID; then name and data. */
#define AT_NAME_SIZE  0
#define AT_DATA_SIZE  4
#define AT_ATTRIBUTES 8
#define AT_GUID	      12
#define HEADER	      28

/* The file begins with this; then the records, and a zero where one begins. */
static const char magic[8] = "vmmefi1";

static uint32_t get32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t val)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(val >> 8 * i);
}

/* The record at off of len bytes: its size, or 0 where there is no whole one.
 */
static uint32_t record(const uint8_t *buf, uint32_t len, uint32_t off,
		       struct efi_var *var)
{
	const uint8_t *p = buf + off;
	uint32_t left = len - off;

	if (left < HEADER)
		return 0;
	left -= HEADER;
	*var = (struct efi_var){ .attributes = get32(p + AT_ATTRIBUTES),
				 .guid = p + AT_GUID,
				 .name = p + HEADER,
				 .name_size = get32(p + AT_NAME_SIZE),
				 .data_size = get32(p + AT_DATA_SIZE) };
	if (var->name_size < 4 || var->name_size % 2 || !var->data_size ||
	    var->name_size > left || var->data_size > left - var->name_size)
		return 0;
	var->data = var->name + var->name_size;
	return HEADER + var->name_size + var->data_size;
}

/* Where that variable is, or used. */
static uint32_t place(const struct efi_vars *v, const uint8_t guid[16],
		      const uint8_t *name, uint32_t name_size,
		      struct efi_var *var, uint32_t *size)
{
	uint32_t off = 0;

	while (off < v->used) {
		*size = record(v->buf, v->used, off, var);
		if (var->name_size == name_size &&
		    !memcmp(var->name, name, name_size) &&
		    !memcmp(var->guid, guid, 16))
			break;
		off += *size;
	}
	return off;
}

bool efi_vars_find(const struct efi_vars *v, const uint8_t guid[16],
		   const uint8_t *name, uint32_t name_size, struct efi_var *var)
{
	uint32_t size;

	return place(v, guid, name, name_size, var, &size) < v->used;
}

int efi_vars_next(const struct efi_vars *v, const uint8_t guid[16],
		  const uint8_t *name, uint32_t name_size, struct efi_var *var)
{
	uint32_t off = 0, size = 0;

	if (name_size > 2) {
		off = place(v, guid, name, name_size, var, &size);
		if (off == v->used)
			return -EINVAL;
		off += size;
	}
	return off < v->used && record(v->buf, v->used, off, var) ? 0 : -ENOENT;
}

/* What one more may have of name and data where so many bytes are used. */
static uint32_t room(uint32_t used)
{
	/* in the file there is also what marks the beginning and the end */
	uint32_t own = sizeof(magic) + HEADER + 4;

	return used + own < EFI_VARS_SIZE ? EFI_VARS_SIZE - used - own : 0;
}

uint32_t efi_vars_room(const struct efi_vars *v)
{
	return room(v->used);
}

static uint32_t remove_at(struct efi_vars *v, uint32_t off, uint32_t size)
{
	memmove(v->buf + off, v->buf + off + size, v->used - off - size);
	v->used -= size;
	return off;
}

static void append(struct efi_vars *v, const struct efi_var *var)
{
	uint8_t *p = v->buf + v->used;

	put32(p + AT_NAME_SIZE, var->name_size);
	put32(p + AT_DATA_SIZE, var->data_size);
	put32(p + AT_ATTRIBUTES, var->attributes);
	memcpy(p + AT_GUID, var->guid, 16);
	memcpy(p + HEADER, var->name, var->name_size);
	memcpy(p + HEADER + var->name_size, var->data, var->data_size);
	v->used += HEADER + var->name_size + var->data_size;
}

/* ---- the file */

static int save(struct efi_vars *v)
{
	uint32_t to = sizeof(magic), size;
	struct efi_var var;
	uint8_t *all;
	int ret;

	if (!v->store.data)
		return 0;
	all = calloc(1, EFI_VARS_SIZE);
	if (!all)
		return -EIO;
	memcpy(all, magic, sizeof(magic));
	for (uint32_t off = 0; off < v->used; off += size) {
		size = record(v->buf, v->used, off, &var);
		if (!(var.attributes & EFI_VAR_NON_VOLATILE))
			continue;
		memcpy(all + to, v->buf + off, size);
		to += size;
	}
	ret = flash_store_write(&v->store, 0, all, EFI_VARS_SIZE);
	free(all);
	return ret < 0 ? -EIO : 0;
}

/* A file is as hostile as a guest: what is no whole record ends it. */
static void load(struct efi_vars *v)
{
	const uint8_t *all = v->store.data;
	uint32_t off = sizeof(magic), size;
	struct efi_var var;

	v->used = 0;
	if (memcmp(all, magic, sizeof(magic)))
		return;
	while ((size = record(all, EFI_VARS_SIZE - 4, off, &var))) {
		append(v, &var);
		off += size;
	}
}

int efi_vars_open(struct efi_vars *v, const char *file, struct err *err)
{
	/* what cannot be made is told of where it is opened */
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600), ret;

	if (fd >= 0)
		close(fd);
	ret = flash_store_open(&v->store, file, EFI_VARS_SIZE, false, err);
	if (ret < 0)
		return ret;
	load(v);
	return 0;
}

void efi_vars_close(struct efi_vars *v)
{
	if (v->store.data)
		flash_store_close(&v->store);
	v->store.data = NULL;
}

int efi_vars_set(struct efi_vars *v, const struct efi_var *var)
{
	struct efi_var old;
	uint32_t size = 0, off;

	off = place(v, var->guid, var->name, var->name_size, &old, &size);
	if (off == v->used)
		size = 0;
	if (!var->data_size && !size)
		return -ENOENT;
	if (var->data_size > EFI_VARS_SIZE || var->name_size > EFI_VARS_SIZE ||
	    (var->data_size &&
	     var->data_size + var->name_size > room(v->used - size)))
		return -ENOSPC;
	if (size)
		remove_at(v, off, size);
	if (var->data_size)
		append(v, var);
	return save(v);
}

void efi_vars_reset(struct efi_vars *v)
{
	struct efi_var var;
	uint32_t off = 0;

	while (off < v->used) {
		uint32_t size = record(v->buf, v->used, off, &var);

		off = var.attributes & EFI_VAR_NON_VOLATILE
			      ? off + size
			      : remove_at(v, off, size);
	}
}
