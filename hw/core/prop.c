/* SPDX-License-Identifier: MIT */
/* Tables of named values: parsing, and the nearest word to a wrong one. */
#include "hw/core/prop.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NEAREST_MAX 64 /* a longer word has no near one */

/* ---- numbers and sizes */

/* Digits at *s, which moves past them; -EINVAL without one, -ERANGE. */
static int parse_digits(const char **s, unsigned base, uint64_t *val)
{
	const char *p = *s;
	uint64_t v = 0;

	for (;; p++) {
		unsigned d;

		if (*p >= '0' && *p <= '9')
			d = *p - '0';
		else if (base == 16 && isxdigit((unsigned char)*p))
			d = tolower((unsigned char)*p) - 'a' + 10;
		else
			break;
		if (__builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, d, &v))
			return -ERANGE;
	}
	if (p == *s)
		return -EINVAL;
	*s = p;
	*val = v;
	return 0;
}

/* As parse_digits(), decimal or after 0x. */
static int parse_number(const char **s, uint64_t *val)
{
	if ((*s)[0] == '0' && ((*s)[1] == 'x' || (*s)[1] == 'X')) {
		*s += 2;
		return parse_digits(s, 16, val);
	}
	return parse_digits(s, 10, val);
}

int parse_uint(const char *text, uint64_t *val)
{
	uint64_t v;
	int ret = parse_number(&text, &v);

	if (ret < 0)
		return ret;
	if (*text)
		return -EINVAL;
	*val = v;
	return 0;
}

int parse_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "kmgt";
	uint64_t v;
	int ret = parse_number(&text, &v);

	if (ret < 0)
		return ret;
	if (*text) {
		const char *u = strchr(units, tolower((unsigned char)*text));
		unsigned shift;

		if (!u || text[1])
			return -EINVAL;
		shift = 10 * (unsigned)(u - units + 1);
		if (v > UINT64_MAX >> shift)
			return -ERANGE;
		v <<= shift;
	}
	*bytes = v;
	return 0;
}

char *show_size(uint64_t bytes, char *buf, size_t len)
{
	static const char *const unit[] = { "", "K", "M", "G", "T" };
	unsigned n = 0;

	while (n < 4 && bytes && !(bytes & 1023)) {
		bytes >>= 10;
		n++;
	}
	snprintf(buf, len, "%" PRIu64 "%s", bytes, unit[n]);
	return buf;
}

char *format_size(uint64_t bytes, char *buf, size_t len)
{
	static const char *const unit[] = { "KiB", "MiB", "GiB",
					    "TiB", "PiB", "EiB" };
	unsigned n = 0;

	if (bytes < 1024) {
		snprintf(buf, len, "%" PRIu64 " byte%s", bytes,
			 bytes == 1 ? "" : "s");
		return buf;
	}
	while (n < 5 && bytes >> (10 * (n + 2)))
		n++;
	if (bytes & ((1ull << (10 * (n + 1))) - 1))
		snprintf(buf, len, "%.1f %s",
			 (double)bytes / (double)(1ull << (10 * (n + 1))),
			 unit[n]);
	else
		snprintf(buf, len, "%" PRIu64 " %s", bytes >> (10 * (n + 1)),
			 unit[n]);
	return buf;
}

/* ---- the nearest word */

/*
 * Edits that turn a into b: insert, delete, change a letter, swap two
 * neighbours (optimal string alignment; three rows suffice).  a has
 * at most NEAREST_MAX letters.
 */
static unsigned edit_distance(const char *a, const char *b)
{
	unsigned rows[3][NEAREST_MAX + 1];
	unsigned *prev2 = rows[0], *prev = rows[1], *cur = rows[2];
	size_t n = strlen(a), m = strlen(b);

	if (m > NEAREST_MAX)
		return UINT_MAX;
	for (size_t j = 0; j <= m; j++)
		prev[j] = j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *spare = prev2;

		cur[0] = i;
		for (size_t j = 1; j <= m; j++) {
			int ca = tolower((unsigned char)a[i - 1]);
			int cb = tolower((unsigned char)b[j - 1]);
			unsigned best = prev[j - 1] + (ca != cb);

			if (prev[j] + 1 < best)
				best = prev[j] + 1;
			if (cur[j - 1] + 1 < best)
				best = cur[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && prev2[j - 2] + 1 < best)
				best = prev2[j - 2] + 1;
			cur[j] = best;
		}
		prev2 = prev;
		prev = cur;
		cur = spare;
	}
	return prev[m];
}

const char *nearest_word(const char *word,
			 const char *(*next)(const void *ctx, size_t i),
			 const void *ctx)
{
	size_t len = strlen(word);
	/* A third of the letters may be wrong, and always one. */
	unsigned limit = len < 6 ? 1 : len / 3;
	const char *best = NULL, *cand;
	unsigned best_dist = limit + 1;

	if (len < 2 || len > NEAREST_MAX)
		return NULL;
	for (size_t i = 0; (cand = next(ctx, i)); i++) {
		unsigned dist = edit_distance(word, cand);

		/* An abbreviation is one mistake, however short. */
		if (dist > 1 && !strncasecmp(word, cand, len))
			dist = 1;
		if (dist < best_dist) {
			best = cand;
			best_dist = dist;
		}
	}
	return best;
}

static const char *nearest_choice(const void *ctx, size_t i)
{
	const char *const *choices = ctx;

	return choices[i];
}

static const char *nearest_prop(const void *ctx, size_t i)
{
	const struct prop *table = ctx;

	return table[i].name;
}

/* ---- one value */

/* 1, 0, or -1 where the word is for neither. */
static int prop_switch(const char *val)
{
	static const char *const words[] = { "off",   "on",   "no", "yes",
					     "false", "true", "0",  "1" };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(val, words[i]))
			return i & 1;
	return -1;
}

static int prop_set_bool(bool *field, const struct prop *p, const char *val,
			 struct err *err)
{
	int on = prop_switch(val);

	*field = on > 0;
	if (on >= 0)
		return 0;
	return err_set(err, EINVAL, "%s must be on or off, not '%s'", p->name,
		       val);
}

/* "1 to 512", "at least 1 MiB", "at most ..." */
static char *prop_range(const struct prop *p, char *buf, size_t len)
{
	char lo[32], hi[32];

	if (p->kind == PROP_SIZE) {
		format_size(p->min, lo, sizeof(lo));
		format_size(p->max, hi, sizeof(hi));
	} else {
		snprintf(lo, sizeof(lo), "%" PRIu64, p->min);
		snprintf(hi, sizeof(hi), "%" PRIu64, p->max);
	}
	if (p->max && p->max != UINT64_MAX)
		snprintf(buf, len, "%s to %s", lo, hi);
	else
		snprintf(buf, len, "at least %s", lo);
	return buf;
}

static int prop_set_number(uint64_t *field, const struct prop *p,
			   const char *val, struct err *err)
{
	char range[80];
	uint64_t v = 0;
	int ret;

	ret = p->kind == PROP_SIZE ? parse_size(val, &v) : parse_uint(val, &v);
	if (ret == -EINVAL && p->kind == PROP_SIZE)
		return err_set(
			err, EINVAL,
			"%s must be a number such as 512M or 2G, not '%s'",
			p->name, val);
	if (ret == -EINVAL)
		return err_set(err, EINVAL,
			       "%s must be a whole number, not '%s'", p->name,
			       val);
	if (ret < 0 || v < p->min || (p->max && v > p->max))
		return err_set(err, ERANGE, "%s must be %s, not %s", p->name,
			       prop_range(p, range, sizeof(range)), val);
	*field = v;
	return 0;
}

static int prop_set_enum(int *field, const struct prop *p, const char *val,
			 struct err *err)
{
	const char *near;
	char all[256];
	size_t n = 0;
	int on = prop_switch(val);

	for (int i = 0; p->choices[i]; i++) {
		/* A choice of "on" or "off" is meant by every such word. */
		if (!strcmp(val, p->choices[i]) ||
		    (on >= 0 && on == prop_switch(p->choices[i]))) {
			*field = i;
			return 0;
		}
		if (n < sizeof(all))
			n += snprintf(all + n, sizeof(all) - n, "%s%s",
				      i ? ", " : "", p->choices[i]);
	}
	err_set(err, EINVAL, "%s must be %s%s, not '%s'", p->name,
		p->choices[0] && p->choices[1] ? "one of " : "", all, val);
	near = nearest_word(val, nearest_choice, p->choices);
	if (near)
		err_hint(err, "did you mean '%s'?", near);
	return -EINVAL;
}

static int prop_set_str(char **field, const struct prop *p, const char *val,
			struct err *err)
{
	size_t len = strlen(val);
	char *copy;

	if (len < p->min)
		return err_set(err, EINVAL, "%s must not be empty", p->name);
	if (p->max && len > p->max)
		return err_set(err, ERANGE,
			       "%s must be at most %" PRIu64
			       " characters, not %zu",
			       p->name, p->max, len);
	copy = strdup(val);
	if (!copy)
		return err_nomem(err, p->name);
	free(*field);
	*field = copy;
	return 0;
}

int prop_set(void *base, const struct prop *p, const char *val, struct err *err)
{
	void *field = (char *)base + p->off;

	switch (p->kind) {
	case PROP_STR: return prop_set_str(field, p, val, err);
	case PROP_BOOL: return prop_set_bool(field, p, val, err);
	case PROP_UINT:
	case PROP_SIZE: return prop_set_number(field, p, val, err);
	case PROP_ENUM: return prop_set_enum(field, p, val, err);
	case PROP_CUSTOM: return p->parse(base, p, val, err);
	}
	return err_set(err, EINVAL, "%s has no kind", p->name);
}

bool prop_show(const void *base, const struct prop *p, char *buf, size_t len)
{
	const void *field = (const char *)base + p->off;
	uint64_t v;

	switch (p->kind) {
	case PROP_STR:
		if (!*(char *const *)field)
			return false;
		snprintf(buf, len, "%s", *(char *const *)field);
		return true;
	case PROP_BOOL:
		snprintf(buf, len, "%s", *(const bool *)field ? "on" : "off");
		return true;
	case PROP_UINT:
	case PROP_SIZE:
		v = *(const uint64_t *)field;
		if (p->kind == PROP_SIZE)
			show_size(v, buf, len);
		else
			snprintf(buf, len, "%" PRIu64, v);
		return v || !p->min;
	case PROP_ENUM:
		snprintf(buf, len, "%s", p->choices[*(const int *)field]);
		return true;
	case PROP_CUSTOM: return p->show && p->show(base, p, buf, len);
	}
	return false;
}

const char *prop_placeholder(const struct prop *p, char *buf, size_t len)
{
	size_t n = 0;

	if (p->arg)
		return p->arg;
	switch (p->kind) {
	case PROP_BOOL: return "on|off";
	case PROP_UINT: return "N";
	case PROP_SIZE: return "SIZE";
	case PROP_STR:
	case PROP_CUSTOM: return "TEXT";
	case PROP_ENUM: break;
	}
	buf[0] = 0;
	for (int i = 0; p->choices[i] && n < len; i++)
		n += snprintf(buf + n, len - n, "%s%s", i ? "|" : "",
			      p->choices[i]);
	return buf;
}

char *prop_join(const char *key, const char *val, char *buf, size_t len)
{
	size_t n = (size_t)snprintf(buf, len, "%s=", key);

	for (; *val && n + 2 < len; val++) {
		buf[n++] = *val;
		if (*val == ',')
			buf[n++] = ',';
	}
	if (n < len)
		buf[n] = '\0';
	return buf;
}

/* ---- key=value lists */

const struct prop *prop_find(const struct prop *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

/* first: what a word without '=' would have been taken for here, or NULL. */
static int prop_unknown(const struct prop *table, const char *first,
			const char *key, const char *val, struct err *err)
{
	const char *near = nearest_word(key, nearest_prop, table);
	char all[400];
	size_t n = 0;

	err_set(err, EINVAL, "unknown key '%s'", key);
	if (near) {
		err_hint(err, "did you mean '%s'?", near);
		return -EINVAL;
	}
	if (first && val) {
		err_hint(err, "write %s=%s=%s if that is one value", first, key,
			 val);
		return -EINVAL;
	}
	all[0] = 0;
	for (const struct prop *p = table; p->name && n < sizeof(all); p++)
		n += snprintf(all + n, sizeof(all) - n, "%s%s",
			      p == table ? "" : ", ", p->name);
	if (all[0])
		err_hint(err, "the keys are %s", all);
	else
		err_hint(err, "it takes no keys");
	return -EINVAL;
}

/* Cuts the item at *rest off, undoubling its commas; NULL at the end. */
static char *prop_next_item(char **rest)
{
	char *item = *rest, *in = item, *out = item;

	if (!item)
		return NULL;
	for (; *in; in++) {
		if (*in == ',' && *++in != ',') {
			*out = 0;
			*rest = in;
			return item;
		}
		*out++ = *in;
	}
	*out = 0;
	*rest = NULL;
	return item;
}

static int prop_parse_item(void *base, const struct prop *table,
			   const char *first, char *item, uint64_t *seen,
			   struct err *err)
{
	char *val = strchr(item, '=');
	const struct prop *p;

	if (!val && first) {
		val = item;
		p = prop_find(table, first);
	} else {
		if (val)
			*val++ = 0;
		if (!*item)
			return err_set(err, EINVAL, "a key is missing");
		p = prop_find(table, item);
		if (!p)
			return prop_unknown(table, first, item, val, err);
		if (!val && p->kind != PROP_BOOL) {
			err_set(err, EINVAL, "%s needs a value", p->name);
			err_hint(err, "write %s=%s", p->name,
				 p->arg ? p->arg : "VALUE");
			return -EINVAL;
		}
	}
	if (p - table < 64 && !p->many) {
		uint64_t bit = 1ull << (p - table);

		if (*seen & bit)
			return err_set(err, EINVAL, "%s is given twice",
				       p->name);
		*seen |= bit;
	}
	return prop_set(base, p, val ? val : "on", err);
}

int prop_parse(void *base, const struct prop *table, const char *first,
	       const char *text, struct err *err)
{
	uint64_t seen = 0;
	char *copy, *rest, *item;
	int ret = 0;

	if (!*text && !first)
		return 0;
	copy = strdup(text);
	if (!copy)
		return err_nomem(err, "an option");
	rest = copy;
	while (!ret && (item = prop_next_item(&rest))) {
		ret = prop_parse_item(base, table, first, item, &seen, err);
		first = NULL;
	}
	free(copy);
	return ret;
}

void prop_free(void *base, const struct prop *table)
{
	for (; table->name; table++) {
		char **field = (char **)((char *)base + table->off);

		if (table->release)
			table->release(base, table);
		if (table->kind != PROP_STR)
			continue;
		free(*field);
		*field = NULL;
	}
}
