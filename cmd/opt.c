/* SPDX-License-Identifier: MIT */
/* The option parser: argv into a structure, by the tables. */
#include "cmd/opt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct opt_parser {
	void *base;
	const struct opt *const *tables;
	int argc, next;
	char *const *argv;
	struct opt_args *args;
	struct err *err;
};

const struct prop *opt_keys(const struct opt *o)
{
	return o->find_keys ? o->find_keys() : o->keys;
}

const struct opt *opt_find(const struct opt *const *tables, const char *name)
{
	for (; *tables; tables++)
		for (const struct opt *o = *tables; o->prop.name; o++)
			if (!strcmp(o->prop.name, name))
				return o;
	return NULL;
}

static const struct opt *opt_find_letter(const struct opt *const *tables,
					 char letter)
{
	for (; *tables; tables++)
		for (const struct opt *o = *tables; o->prop.name; o++)
			if (o->letter == letter)
				return o;
	return NULL;
}

static const char *opt_nth_name(const void *ctx, size_t i)
{
	const struct opt *const *tables = ctx;

	for (; *tables; tables++)
		for (const struct opt *o = *tables; o->prop.name; o++)
			if (!i--)
				return o->prop.name;
	return i ? NULL : "help";
}

const char *opt_placeholder(const struct opt *o, char *buf, size_t len)
{
	char first[128];
	const struct prop *p;

	if (o->flag)
		return "";
	if (!opt_keys(o) || o->prop.arg)
		return prop_placeholder(&o->prop, buf, len);
	p = o->first ? prop_find(opt_keys(o), o->first) : NULL;
	if (p)
		snprintf(buf, len, "%s[,key=value...]",
			 prop_placeholder(p, first, sizeof(first)));
	else
		snprintf(buf, len, "key=value...");
	return buf;
}

/* ---- parsing */

/* Makes room for one more element and returns it, zeroed. */
static void *opt_append(void *base, const struct opt *o, struct err *err)
{
	void **array = (void **)((char *)base + o->prop.off);
	unsigned *n = (unsigned *)((char *)base + o->count_off);
	char *grown = reallocarray(*array, *n + 1, o->elem_size);
	void *elem;

	if (!grown) {
		err_nomem(err, o->prop.name);
		return NULL;
	}
	*array = grown;
	elem = grown + *n * o->elem_size;
	memset(elem, 0, o->elem_size);
	(*n)++;
	return elem;
}

/* typed is the option as the user wrote it: "--disk", "-d". */
static int opt_set(struct opt_parser *s, const struct opt *o, const char *typed,
		   const char *val)
{
	struct prop p = o->prop;
	void *base = s->base;

	if (o->elem_size) {
		base = opt_append(base, o, s->err);
		if (!base)
			return -ENOMEM;
		p.off = 0;
	}
	if (!opt_keys(o) || p.kind == PROP_CUSTOM) {
		p.name = typed;
		return prop_set(base, &p, val, s->err);
	}
	if (prop_parse((char *)base + p.off, opt_keys(o), o->first, val,
		       s->err))
		return err_prefix(s->err, "%s%s%.160s: ", typed,
				  *val ? " " : "", val);
	return 0;
}

/* The value is the next argument; NULL (with the error set) without one. */
static const char *opt_next_value(struct opt_parser *s, const struct opt *o,
				  const char *typed)
{
	char buf[160];

	if (s->next < s->argc)
		return s->argv[s->next++];
	err_set(s->err, EINVAL, "%s needs a value", typed);
	err_hint(s->err, "write %s %s", typed,
		 opt_placeholder(o, buf, sizeof(buf)));
	return NULL;
}

static int opt_unknown(struct opt_parser *s, const char *name)
{
	const char *near = nearest_word(name, opt_nth_name, s->tables);

	err_set(s->err, EINVAL, "unknown option '--%.160s'", name);
	if (near)
		err_hint(s->err, "did you mean '--%s'?", near);
	else
		err_hint(s->err, "'vmm %s --help' lists the options",
			 s->argv[0]);
	return -EINVAL;
}

static int opt_parse_long(struct opt_parser *s, const char *arg)
{
	const char *eq = strchr(arg, '='), *val = eq ? eq + 1 : NULL;
	size_t len = eq ? (size_t)(eq - arg) : strlen(arg);
	const struct opt *o;
	char typed[200];

	snprintf(typed, sizeof(typed), "--%.*s", (int)(len < 160 ? len : 160),
		 arg);
	if (!strcmp(typed, "--help") && !val)
		return OPT_HELP;
	o = opt_find(s->tables, typed + 2);
	if (!o || strlen(o->prop.name) != len)
		return opt_unknown(s, typed + 2);
	if (o->flag) {
		if (val)
			return err_set(s->err, EINVAL, "%s takes no value",
				       typed);
		return opt_set(s, o, typed, "on");
	}
	if (!val)
		val = opt_next_value(s, o, typed);
	return val ? opt_set(s, o, typed, val) : -EINVAL;
}

/* arg is what follows '-': letters without a value, then one that has one. */
static int opt_parse_short(struct opt_parser *s, const char *arg)
{
	for (; *arg; arg++) {
		const struct opt *o = opt_find_letter(s->tables, *arg);
		char typed[3] = { '-', *arg, 0 };
		const char *val;
		int ret;

		if (!o && *arg == 'h')
			return OPT_HELP;
		if (!o) {
			err_set(s->err, EINVAL, "unknown option '%s'", typed);
			err_hint(s->err, "'vmm %s --help' lists the options",
				 s->argv[0]);
			return -EINVAL;
		}
		if (!o->flag) {
			val = arg[1] ? arg + 1 : opt_next_value(s, o, typed);
			return val ? opt_set(s, o, typed, val) : -EINVAL;
		}
		ret = opt_set(s, o, typed, "on");
		if (ret)
			return ret;
	}
	return 0;
}

static int opt_parse_word(struct opt_parser *s, const char *word)
{
	unsigned max = sizeof(s->args->word) / sizeof(s->args->word[0]);

	if (s->args->n == max)
		return err_set(s->err, E2BIG,
			       "too many arguments, from '%.160s'", word);
	s->args->word[s->args->n++] = word;
	return 0;
}

int opt_parse(void *base, const struct opt *const *tables, int argc,
	      char *const *argv, struct opt_args *args, struct err *err)
{
	struct opt_parser s = { .base = base,
				.tables = tables,
				.argc = argc,
				.next = 1,
				.argv = argv,
				.args = args,
				.err = err };
	bool words_only = false;

	args->n = 0;
	while (s.next < s.argc) {
		const char *arg = s.argv[s.next++];
		int ret;

		if (words_only || arg[0] != '-' || !arg[1])
			ret = opt_parse_word(&s, arg);
		else if (arg[1] != '-')
			ret = opt_parse_short(&s, arg + 1);
		else if (arg[2])
			ret = opt_parse_long(&s, arg + 2);
		else
			ret = 0, words_only = true;
		if (ret)
			return ret;
	}
	return 0;
}

/* ---- printing back */

#define OPT_SHOW_MAX 16384

/* A value inside key=value,...: its commas are written twice. */
static void opt_show_quoted(const char *val, FILE *f)
{
	for (; *val; val++) {
		if (*val == ',')
			putc(',', f);
		putc(*val, f);
	}
}

/* "--NAME=" and every key that is set; nothing when none is. */
static void opt_show_keys(const void *base, const struct opt *o, FILE *f)
{
	char val[OPT_SHOW_MAX];
	bool any = false;

	for (const struct prop *p = opt_keys(o); p->name; p++) {
		if (!prop_show(base, p, val, sizeof(val)))
			continue;
		if (any)
			putc(',', f);
		else
			fprintf(f, "--%s=", o->prop.name);
		any = true;
		fprintf(f, "%s=", p->name);
		if (p->many)
			fputs(val, f);
		else
			opt_show_quoted(val, f);
	}
	if (any)
		putc('\n', f);
}

static void opt_show_one(const void *base, const struct opt *o,
			 const struct prop *p, FILE *f)
{
	char val[OPT_SHOW_MAX];

	if (opt_keys(o) && p->kind != PROP_CUSTOM) {
		opt_show_keys((const char *)base + p->off, o, f);
	} else if (o->flag) {
		if (*(const bool *)((const char *)base + p->off))
			fprintf(f, "--%s\n", p->name);
	} else if (prop_show(base, p, val, sizeof(val))) {
		fprintf(f, "--%s=%s\n", p->name, val);
	}
}

static void opt_show_list(const void *base, const struct opt *o, FILE *f)
{
	const char *elem = *(char *const *)((const char *)base + o->prop.off);
	unsigned n = *(const unsigned *)((const char *)base + o->count_off);
	struct prop p = o->prop;

	p.off = 0;
	for (; n--; elem += o->elem_size)
		opt_show_one(elem, o, &p, f);
}

void opt_show(const void *base, const struct opt *const *tables, FILE *f)
{
	for (; *tables; tables++) {
		for (const struct opt *o = *tables; o->prop.name; o++) {
			if (o->elem_size)
				opt_show_list(base, o, f);
			else
				opt_show_one(base, o, &o->prop, f);
		}
	}
}
