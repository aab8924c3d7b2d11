/* SPDX-License-Identifier: MIT */
/* Tables of named values: every option, sub-option and device property. */
#ifndef HW_CORE_PROP_H
#define HW_CORE_PROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/core/err.h"

enum prop_kind {
	PROP_STR,    /* char *: malloc'ed, owned by the structure filled; its
			length within [min, max] */
	PROP_BOOL,   /* bool: on, off (also yes/no, true/false, 1/0) */
	PROP_UINT,   /* uint64_t within [min, max]; 0x accepted */
	PROP_SIZE,   /* uint64_t bytes within [min, max]; K, M, G, T */
	PROP_ENUM,   /* int: index into choices */
	PROP_CUSTOM, /* parse() below */
};

/*
 * One named value.  A table ends with an entry whose name is NULL.  The same
 * entry yields the parser, the help, the man page and the completion.
 */
struct prop {
	const char *name;
	const char *arg; /* placeholder in the help: "n", "path" */
	enum prop_kind kind;
	size_t off;		    /* offsetof() the field it fills */
	uint64_t min, max;	    /* max 0 means no bound */
	const char *const *choices; /* PROP_ENUM: NULL-terminated */
	/* PROP_CUSTOM: parses val into base + off. */
	int (*parse)(void *base, const struct prop *p, const char *val,
		     struct err *err);
	/* PROP_CUSTOM: writes what parse() would accept; false if unset. */
	bool (*show)(const void *base, const struct prop *p, char *buf,
		     size_t len);
	/* PROP_CUSTOM: frees what parse() allocated; prop_free() calls it. */
	void (*release)(void *base, const struct prop *p);
	/* PROP_CUSTOM: the key may be given again; show() then writes
	 * "value,name=value", the values' commas twice. */
	bool many;
	const char *brief;  /* one line for the help */
	const char *detail; /* man page prose; may be NULL */
};

/* Parses one value of *p* into base + p->off.  The message names p->name. */
int prop_set(void *base, const struct prop *p, const char *val,
	     struct err *err) MUST_CHECK;

/*
 * Parses "key=value,key=value" into base.  A bare "key" of a PROP_BOOL means
 * on.  Where first is not NULL, a leading word without '=' is the value of
 * the property of that name ("-m 1G,shared=on").  A comma inside a value is
 * written twice.  An unknown key proposes the nearest one; a key given twice
 * is refused (among a table's first 64, unless many).
 */
int prop_parse(void *base, const struct prop *table, const char *first,
	       const char *text, struct err *err) MUST_CHECK;

/*
 * Writes the value of *p* in base + p->off as prop_set() takes it (and cuts
 * it at len); false where it was never set: a NULL string, a number of 0
 * below its minimum, a custom value that says so or cannot be shown.
 */
bool prop_show(const void *base, const struct prop *p, char *buf, size_t len);

/* What stands for the value in help: "on|off", "none|writeback", "SIZE". */
const char *prop_placeholder(const struct prop *p, char *buf, size_t len);

/*
 * Writes "key=value" with the value's commas twice, as prop_parse() reads it
 * back, into buf (and cuts it at len); returns buf.
 */
char *prop_join(const char *key, const char *val, char *buf, size_t len);

/* The entry of that name, or NULL. */
const struct prop *prop_find(const struct prop *table, const char *name);

/* Frees what a table's fields own: strings, which become NULL, and the rest
 * by release(). */
void prop_free(void *base, const struct prop *table);

/* Sizes: "512M", "1G"; returns 0 or -EINVAL / -ERANGE, without a message. */
int parse_size(const char *text, uint64_t *bytes) MUST_CHECK;
/* Whole numbers, decimal or 0x; no sign, no trailing text. */
int parse_uint(const char *text, uint64_t *val) MUST_CHECK;
/* The shortest that parse_size() reads back: "1G", "1536M", "1000". */
char *show_size(uint64_t bytes, char *buf, size_t len);
/* Writes "64 KiB", "1.5 GiB"-like text into buf; returns buf. */
char *format_size(uint64_t bytes, char *buf, size_t len);

/*
 * The candidate nearest to word by edit distance, or NULL when none is near
 * enough to be what the user meant.  next(ctx, i) returns candidate i or NULL.
 */
const char *nearest_word(const char *word,
			 const char *(*next)(const void *ctx, size_t i),
			 const void *ctx);

#endif
