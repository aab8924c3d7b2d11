/* SPDX-License-Identifier: MIT */
/* The option parser: every form an option can take, and what is refused. */
#include "cmd/opt.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/test.h"

struct thing {
	char *path;
	uint64_t size;
};

struct sample {
	char *kernel;
	uint64_t cpus;
	bool verbose, quiet;
	struct thing one;
	struct thing *things;
	unsigned nthings;
	char **names;
	unsigned nnames;
};

static const struct prop thing_keys[] = {
	{ .name = "path",
	  .arg = "PATH",
	  .kind = PROP_STR,
	  .min = 1,
	  .off = offsetof(struct thing, path),
	  .brief = "where" },
	{ .name = "size",
	  .kind = PROP_SIZE,
	  .min = 1,
	  .off = offsetof(struct thing, size),
	  .brief = "how big" },
	{ 0 },
};
static const struct opt sample_opts[] = {
	{ .letter = 'k',
	  .prop = { .name = "kernel",
		    .arg = "FILE",
		    .kind = PROP_STR,
		    .off = offsetof(struct sample, kernel),
		    .brief = "the kernel" } },
	{ .letter = 'v',
	  .flag = true,
	  .prop = { .name = "verbose",
		    .kind = PROP_BOOL,
		    .off = offsetof(struct sample, verbose),
		    .brief = "say more" } },
	{ .letter = 'q',
	  .flag = true,
	  .prop = { .name = "quiet",
		    .kind = PROP_BOOL,
		    .off = offsetof(struct sample, quiet),
		    .brief = "say less" } },
	{ .prop = { 0 } },
};
static const struct opt more_opts[] = {
	{ .group = "More",
	  .letter = 'c',
	  .prop = { .name = "cpus",
		    .kind = PROP_UINT,
		    .min = 1,
		    .max = 8,
		    .off = offsetof(struct sample, cpus),
		    .brief = "how many",
		    .detail = ".starts with a dot" } },
	{ .keys = thing_keys,
	  .first = "path",
	  .prop = { .name = "one",
		    .off = offsetof(struct sample, one),
		    .brief = "a thing" } },
	{ .letter = 't',
	  .keys = thing_keys,
	  .first = "path",
	  .elem_size = sizeof(struct thing),
	  .count_off = offsetof(struct sample, nthings),
	  .prop = { .name = "thing",
		    .off = offsetof(struct sample, things),
		    .brief = "another" } },
	{ .elem_size = sizeof(char *),
	  .count_off = offsetof(struct sample, nnames),
	  .prop = { .name = "name",
		    .kind = PROP_STR,
		    .off = offsetof(struct sample, names),
		    .brief = "a name" } },
	{ .prop = { 0 } },
};
static const struct opt *const tables[] = { sample_opts, more_opts, NULL };

static void sample_free(struct sample *s)
{
	free(s->kernel);
	free(s->one.path);
	for (unsigned i = 0; i < s->nthings; i++)
		free(s->things[i].path);
	for (unsigned i = 0; i < s->nnames; i++)
		free(s->names[i]);
	free(s->things);
	free(s->names);
	memset(s, 0, sizeof(*s));
}

/* Parses up to 8 words after the command's name. */
#define PARSE(...) parse((char *[]){ "test", __VA_ARGS__, NULL })
static struct sample s;
static struct err err;
static struct opt_args args;

static int parse(char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	memset(&err, 0, sizeof(err));
	sample_free(&s);
	return opt_parse(&s, tables, argc, argv, &args, &err);
}

TEST(opt_takes_every_form_of_a_value)
{
	CHECK_EQ(PARSE("--kernel", "a"), 0);
	CHECK_STR(s.kernel, "a");
	CHECK_EQ(PARSE("--kernel=b=c"), 0);
	CHECK_STR(s.kernel, "b=c");
	CHECK_EQ(PARSE("-kd"), 0);
	CHECK_STR(s.kernel, "d");
	CHECK_EQ(PARSE("-k", "-e"), 0);
	CHECK_STR(s.kernel, "-e");
	CHECK_EQ(PARSE("--kernel="), 0);
	CHECK_STR(s.kernel, "");
	sample_free(&s);
}

TEST(opt_bundles_letters)
{
	CHECK_EQ(PARSE("-vqc3"), 0);
	CHECK(s.verbose && s.quiet);
	CHECK_EQ(s.cpus, 3);
	CHECK_EQ(PARSE("-vc", "4"), 0);
	CHECK(s.verbose && !s.quiet);
	CHECK_EQ(s.cpus, 4);
}

TEST(opt_collects_words_and_stops_at_two_dashes)
{
	CHECK_EQ(PARSE("x", "-v", "-", "--", "-q", "--kernel"), 0);
	CHECK(s.verbose && !s.quiet);
	CHECK_EQ(args.n, 4);
	CHECK_STR(args.word[0], "x");
	CHECK_STR(args.word[1], "-");
	CHECK_STR(args.word[2], "-q");
	CHECK_STR(args.word[3], "--kernel");
	CHECK_EQ(PARSE("1", "2", "3", "4", "5", "6", "7", "8", "9"), -E2BIG);
	CHECK_STR(err.msg, "too many arguments, from '9'");
}

TEST(opt_repeats)
{
	CHECK_EQ(
		PARSE("-ta,size=1K", "--thing", "b", "--name", "x", "--name=y"),
		0);
	CHECK_EQ(s.nthings, 2);
	CHECK_STR(s.things[0].path, "a");
	CHECK_EQ(s.things[0].size, 1024);
	CHECK_STR(s.things[1].path, "b");
	CHECK_EQ(s.things[1].size, 0);
	CHECK_EQ(s.nnames, 2);
	CHECK_STR(s.names[0], "x");
	CHECK_STR(s.names[1], "y");
	sample_free(&s);
}

TEST(opt_given_again_overrides_key_by_key)
{
	CHECK_EQ(PARSE("--one=a,size=5", "--one=b", "-c1", "-c2"), 0);
	CHECK_STR(s.one.path, "b");
	CHECK_EQ(s.one.size, 5);
	CHECK_EQ(s.cpus, 2);
	sample_free(&s);
}

TEST(opt_help_comes_first)
{
	CHECK_EQ(PARSE("-v", "--help", "--nonsense"), OPT_HELP);
	CHECK_EQ(PARSE("-vh"), OPT_HELP);
	CHECK_EQ(PARSE("--", "--help"), 0);
}

#define REFUSED(message, hint_, ...)           \
	do {                                   \
		CHECK(PARSE(__VA_ARGS__) < 0); \
		CHECK_STR(err.msg, message);   \
		CHECK_STR(err.hint, hint_);    \
		sample_free(&s);               \
	} while (0)

TEST(opt_refuses_with_a_remedy)
{
	REFUSED("unknown option '--kernle'", "did you mean '--kernel'?",
		"--kernle=x");
	REFUSED("unknown option '--zzzzz'",
		"'vmm test --help' lists the options", "--zzzzz");
	REFUSED("unknown option '-z'", "'vmm test --help' lists the options",
		"-vz");
	REFUSED("unknown option '--hel'", "did you mean '--help'?", "--hel");
	REFUSED("--kernel needs a value", "write --kernel FILE", "--kernel");
	REFUSED("-t needs a value", "write -t PATH[,key=value...]", "-vt");
	REFUSED("--verbose takes no value", "", "--verbose=on");
	REFUSED("--cpus must be 1 to 8, not 9", "", "--cpus", "9");
	REFUSED("-c must be a whole number, not 'x'", "", "-cx");
	REFUSED("--thing a,sise=1: unknown key 'sise'", "did you mean 'size'?",
		"--thing", "a,sise=1");
	REFUSED("-t ,size=1: path must not be empty", "", "-t,size=1");
}

TEST(opt_bounds_what_it_repeats_of_the_user)
{
	char big[3000];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	memcpy(big, "--", 2);
	CHECK(PARSE(big) < 0);
	memcpy(big, "-t", 2);
	memcpy(big + 2900, ",size=0", 7);
	big[2907] = 0;
	CHECK(PARSE(big) < 0);
	CHECK(strstr(err.msg, "size must be at least 1 byte, not 0") != NULL);
	sample_free(&s);
}

/* What show() prints, parsed again, shows the same. */
TEST(opt_show_reads_back)
{
	char text[512], again[512], *line[16];
	char *argv[17] = { "test" };
	FILE *f = fmemopen(text, sizeof(text), "w");
	int n = 1;

	CHECK_EQ(PARSE("-kx", "-v", "-c8", "--one=a,,b", "-ta,size=3M", "-tb"),
		 0);
	opt_show(&s, tables, f);
	fclose(f);
	CHECK_STR(text, "--kernel=x\n--verbose\n--cpus=8\n--one=path=a,,b\n"
			"--thing=path=a,size=3M\n--thing=path=b\n");
	strcpy(again, text);
	for (line[n] = strtok(again, "\n"); line[n];
	     line[n] = strtok(NULL, "\n")) {
		argv[n] = line[n];
		n++;
	}
	CHECK_EQ(parse(argv), 0);
	f = fmemopen(again, sizeof(again), "w");
	opt_show(&s, tables, f);
	fclose(f);
	CHECK_STR(again, text);
	sample_free(&s);
}

TEST(opt_help_lists_every_option_and_key)
{
	char text[4096] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	opt_help(tables, f);
	fclose(f);
	CHECK(strstr(text, "  -k, --kernel FILE         the kernel\n"));
	CHECK(strstr(text, "\nMore:\n  -c, --cpus N  "));
	CHECK(strstr(text, "another (repeatable)\n"));
	CHECK(strstr(text, "keys: size=SIZE\n"));
}

TEST(opt_man_escapes_what_roff_would_read)
{
	char text[4096] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	opt_man(tables, f);
	opt_man_text("\n'a\\b--c", f);
	fclose(f);
	CHECK(strstr(text, "\nHow many.\n\\&.starts with a dot\n"));
	CHECK(strstr(text, "\n\\&'a\\eb\\-\\-c"));
}
