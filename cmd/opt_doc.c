/* SPDX-License-Identifier: MIT */
/* The option tables as text: --help and the man page. */
#include <string.h>

#include "cmd/opt.h"

#define HELP_COLUMN 28
#define HELP_WIDTH  79

/* ---- --help */

/* Prints words of text from column col on, wrapped with an indent. */
static void help_wrap(const char *text, int *col, FILE *f)
{
	while (*text) {
		int len = strcspn(text, " ");

		if (*col > HELP_COLUMN && *col + 1 + len > HELP_WIDTH) {
			fprintf(f, "\n%*s", HELP_COLUMN, "");
			*col = HELP_COLUMN;
		} else if (*col > HELP_COLUMN) {
			putc(' ', f);
			(*col)++;
		}
		fprintf(f, "%.*s", len, text);
		*col += len;
		text += len;
		text += strspn(text, " ");
	}
}

/* The keys of an option, "key=value" each, on lines of their own. */
static void help_keys(const struct opt *o, FILE *f)
{
	char word[200], val[128];
	int col = HELP_COLUMN;

	fprintf(f, "%*s", HELP_COLUMN, "");
	help_wrap("keys:", &col, f);
	for (const struct prop *p = opt_keys(o); p->name; p++) {
		if (o->first && !strcmp(o->first, p->name))
			continue;
		snprintf(word, sizeof(word), "%s=%s", p->name,
			 prop_placeholder(p, val, sizeof(val)));
		help_wrap(word, &col, f);
	}
	putc('\n', f);
}

static void help_option(const struct opt *o, FILE *f)
{
	char val[160];
	const char *holder = opt_placeholder(o, val, sizeof(val));
	int col = 0;

	if (o->letter)
		col = fprintf(f, "  -%c, ", o->letter);
	else
		col = fprintf(f, "      ");
	col += fprintf(f, "--%s%s%s", o->prop.name, *holder ? " " : "", holder);
	if (col > HELP_COLUMN - 2) {
		putc('\n', f);
		col = 0;
	}
	fprintf(f, "%*s", HELP_COLUMN - col, "");
	col = HELP_COLUMN;
	help_wrap(o->prop.brief, &col, f);
	if (o->elem_size || o->prop.many)
		help_wrap("(repeatable)", &col, f);
	putc('\n', f);
	if (opt_keys(o) && opt_keys(o)[1].name)
		help_keys(o, f);
}

void opt_help(const struct opt *const *tables, FILE *f)
{
	for (; *tables; tables++) {
		for (const struct opt *o = *tables; o->prop.name; o++) {
			if (o->group)
				fprintf(f, "\n%s:\n", o->group);
			help_option(o, f);
		}
	}
	fprintf(f, "\n  -h, --help%*sprint this help\n", HELP_COLUMN - 12, "");
}

/* ---- the man page */

void opt_man_text(const char *text, FILE *f)
{
	bool start = true;

	for (; *text; text++) {
		if (start && (*text == '.' || *text == '\''))
			fputs("\\&", f);
		start = *text == '\n';
		if (*text == '-')
			fputs("\\-", f);
		else if (*text == '\\')
			fputs("\\e", f);
		else
			putc(*text, f);
	}
}

static void man_bold(const char *text, FILE *f)
{
	fputs("\\fB", f);
	opt_man_text(text, f);
	fputs("\\fR", f);
}

static void man_italic(const char *text, FILE *f)
{
	fputs("\\fI", f);
	opt_man_text(text, f);
	fputs("\\fR", f);
}

/* The brief as a sentence, then the detail. */
static void man_prose(const struct prop *p, FILE *f)
{
	size_t word = strcspn(p->brief, " ");
	char first[2] = { p->brief[0], 0 };

	/* "tap: the interface" and "error, warn or info" name values. */
	if (first[0] >= 'a' && first[0] <= 'z' &&
	    !strchr(":,", p->brief[word - 1]))
		first[0] -= 'a' - 'A';
	opt_man_text(first, f);
	opt_man_text(p->brief + 1, f);
	fputs(".\n", f);
	if (p->detail) {
		opt_man_text(p->detail, f);
		putc('\n', f);
	}
}

static void man_keys(const struct opt *o, FILE *f)
{
	char val[128];

	fputs(".RS\n", f);
	for (const struct prop *p = opt_keys(o); p->name; p++) {
		if (o->first && !strcmp(o->first, p->name) && !p->detail)
			continue;
		fputs(".TP\n", f);
		man_bold(p->name, f);
		putc('=', f);
		man_italic(prop_placeholder(p, val, sizeof(val)), f);
		putc('\n', f);
		man_prose(p, f);
	}
	fputs(".RE\n", f);
}

static void man_option(const struct opt *o, FILE *f)
{
	char val[160];
	const char *holder = opt_placeholder(o, val, sizeof(val));

	fputs(".TP\n", f);
	if (o->letter)
		fprintf(f, "\\fB\\-%c\\fR, ", o->letter);
	fputs("\\fB\\-\\-", f);
	opt_man_text(o->prop.name, f);
	fputs("\\fR", f);
	if (*holder) {
		putc(' ', f);
		man_italic(holder, f);
	}
	putc('\n', f);
	man_prose(&o->prop, f);
	if (o->elem_size || o->prop.many)
		fputs("May be given several times.\n", f);
	if (opt_keys(o) && opt_keys(o)[1].name)
		man_keys(o, f);
}

void opt_man(const struct opt *const *tables, FILE *f)
{
	for (; *tables; tables++) {
		for (const struct opt *o = *tables; o->prop.name; o++) {
			if (o->group) {
				fputs(".SS ", f);
				opt_man_text(o->group, f);
				putc('\n', f);
			}
			man_option(o, f);
		}
	}
}
