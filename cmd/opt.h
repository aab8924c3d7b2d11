/* SPDX-License-Identifier: MIT */
/* Command-line options: one table yields parser, help, man and completion. */
#ifndef CMD_OPT_H
#define CMD_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "hw/core/prop.h"

/*
 * One option, "--NAME VALUE" or "--NAME=VALUE", "-L VALUE" or "-LVALUE".  The
 * value goes to base + prop.off by prop_set(), or by prop_parse() if there
 * are keys.  Given again, an option overrides what came before it, key by
 * key; a repeatable one appends.  A table ends with prop.name == NULL.
 */
struct opt {
	struct prop prop;
	char letter; /* 0: none */
	bool flag;   /* PROP_BOOL: takes no value, its presence means on */
	/*
	 * The keys of a value "key=value,..."; offsets from base + prop.off.
	 * PROP_CUSTOM: parse() takes the value, keys only describe it; and
	 * prop.many says that it may come again, for parse() to append.
	 */
	const struct prop *keys;
	const struct prop *(*find_keys)(void); /* instead, when run */
	const char *first; /* the key whose name a value may omit, or NULL */
	/*
	 * Repeatable: prop.off holds a pointer to a malloc'ed array of
	 * elements of this size (0: not repeatable), and count_off an
	 * unsigned.  An element starts zeroed.
	 */
	size_t elem_size, count_off;
	/* A heading in the help, from this option on; NULL: no new one. */
	const char *group;
	bool file; /* the value (or its first key) completes as a path */
};

enum { OPT_HELP = 1 };

/* Words that are not options, still owned by argv. */
struct opt_args {
	const char *word[8];
	unsigned n;
};

/*
 * Parses argv[1...] (argv[0] is the command's name) into base.  Does nothing
 * else: no file is touched.  0; OPT_HELP as soon as --help or -h is met; or a
 * negative errno, *base then holding what was parsed so far.
 */
int opt_parse(void *base, const struct opt *const *tables, int argc,
	      char *const *argv, struct opt_args *args,
	      struct err *err) MUST_CHECK;

/* The keys of its value, or NULL. */
const struct prop *opt_keys(const struct opt *o);

/* The option of that long name, or NULL. */
const struct opt *opt_find(const struct opt *const *tables, const char *name);

/* "FILE[,key=value...]": what follows the option's name in help. */
const char *opt_placeholder(const struct opt *o, char *buf, size_t len);

/* Prints every option as an argument that opt_parse() reads back, one a line.
 */
void opt_show(const void *base, const struct opt *const *tables, FILE *f);

/* The option's lines of --help, of the man page. */
void opt_help(const struct opt *const *tables, FILE *f);
void opt_man(const struct opt *const *tables, FILE *f);
/* Prints text as roff prose: what the man page would take as markup is not. */
void opt_man_text(const char *text, FILE *f);

#endif
