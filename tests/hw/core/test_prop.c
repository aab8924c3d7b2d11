/* SPDX-License-Identifier: MIT */
/* Tables of named values: what they accept and what they say otherwise. */
#include "hw/core/prop.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/test.h"

struct sample {
	char *file;
	bool readonly;
	uint64_t queues;
	uint64_t size;
	int cache;
	unsigned letters;
};

static int sample_parse_letters(void *base, const struct prop *p,
				const char *val, struct err *err)
{
	if (!*val)
		return err_set(err, EINVAL, "%s has no letters", p->name);
	*(unsigned *)((char *)base + p->off) = strlen(val);
	return 0;
}

static const char *const sample_caches[] = { "none", "writeback", "unsafe",
					     NULL };
static const struct prop sample_props[] = {
	{ .name = "file",
	  .kind = PROP_STR,
	  .min = 1,
	  .max = 40,
	  .off = offsetof(struct sample, file) },
	{ .name = "readonly",
	  .kind = PROP_BOOL,
	  .off = offsetof(struct sample, readonly) },
	{ .name = "queues",
	  .arg = "N",
	  .kind = PROP_UINT,
	  .min = 1,
	  .max = 16,
	  .off = offsetof(struct sample, queues) },
	{ .name = "size",
	  .kind = PROP_SIZE,
	  .min = 4096,
	  .max = 1ull << 40,
	  .off = offsetof(struct sample, size) },
	{ .name = "cache",
	  .kind = PROP_ENUM,
	  .choices = sample_caches,
	  .off = offsetof(struct sample, cache) },
	{ .name = "letters",
	  .kind = PROP_CUSTOM,
	  .parse = sample_parse_letters,
	  .off = offsetof(struct sample, letters) },
	{ 0 },
};

/* The message that text is refused with, and its hint, "message|hint". */
static const char *refusal(const char *text)
{
	static char buf[1100];
	struct sample s = { 0 };
	struct err err = { 0 };

	if (prop_parse(&s, sample_props, "file", text, &err) >= 0) {
		prop_free(&s, sample_props);
		return "accepted";
	}
	prop_free(&s, sample_props);
	snprintf(buf, sizeof(buf), "%s%s%s", err.msg, *err.hint ? "|" : "",
		 err.hint);
	return buf;
}

TEST(prop_fills_every_kind)
{
	struct sample s = { 0 };
	struct err err = { 0 };

	CHECK_EQ(prop_parse(&s, sample_props, "file",
			    "a.img,readonly,queues=0x4,size=3M,cache=unsafe,"
			    "letters=abc",
			    &err),
		 0);
	CHECK_STR(s.file, "a.img");
	CHECK(s.readonly);
	CHECK_EQ(s.queues, 4);
	CHECK_EQ(s.size, 3 << 20);
	CHECK_EQ(s.cache, 2);
	CHECK_EQ(s.letters, 3);
	prop_free(&s, sample_props);
	CHECK(s.file == NULL);
}

TEST(prop_first_word_may_also_be_named)
{
	struct sample s = { 0 };
	struct err err = { 0 };

	CHECK_EQ(
		prop_parse(&s, sample_props, "file", "queues=2,file=b=c", &err),
		0);
	CHECK_STR(s.file, "b=c");
	CHECK_EQ(s.queues, 2);
	prop_free(&s, sample_props);
}

TEST(prop_double_comma_is_a_comma)
{
	struct sample s = { 0 };
	struct err err = { 0 };

	CHECK_EQ(prop_parse(&s, sample_props, "file", "a,,b,,,readonly=on",
			    &err),
		 0);
	CHECK_STR(s.file, "a,b,");
	CHECK(s.readonly);
	prop_free(&s, sample_props);
}

TEST(prop_bool_words)
{
	static const char *const yes[] = { "on", "YES", "true", "1" };
	static const char *const no[] = { "off", "no", "False", "0" };
	struct sample s = { 0 };
	struct err err = { 0 };

	for (int i = 0; i < 4; i++) {
		s.readonly = false;
		CHECK_EQ(prop_set(&s, &sample_props[1], yes[i], &err), 0);
		CHECK(s.readonly);
		CHECK_EQ(prop_set(&s, &sample_props[1], no[i], &err), 0);
		CHECK(!s.readonly);
	}
}

TEST(prop_refusals_name_the_key_and_the_remedy)
{
	CHECK_STR(refusal("a,chache=none"),
		  "unknown key 'chache'|did you mean 'cache'?");
	CHECK_STR(refusal("a,zzz=1"),
		  "unknown key 'zzz'|the keys are file, readonly, queues, "
		  "size, cache, letters");
	CHECK_STR(refusal("zzz=1,readonly"),
		  "unknown key 'zzz'|write file=zzz=1 if that is one value");
	CHECK_STR(refusal("a,cache=writback"),
		  "cache must be one of none, writeback, unsafe, not "
		  "'writback'|did you mean 'writeback'?");
	CHECK_STR(refusal("a,queues=17"), "queues must be 1 to 16, not 17");
	CHECK_STR(refusal("a,queues=99999999999999999999"),
		  "queues must be 1 to 16, not 99999999999999999999");
	CHECK_STR(refusal("a,queues=-1"),
		  "queues must be a whole number, not '-1'");
	CHECK_STR(refusal("a,size=1"), "size must be 4 KiB to 1 TiB, not 1");
	CHECK_STR(refusal("a,size=1Q"),
		  "size must be a number such as 512M or 2G, not '1Q'");
	CHECK_STR(refusal("a,readonly=maybe"),
		  "readonly must be on or off, not 'maybe'");
	CHECK_STR(refusal("a,queues"), "queues needs a value|write queues=N");
	CHECK_STR(refusal("a,queues=1,queues=2"), "queues is given twice");
	CHECK_STR(refusal("a,file=b"), "file is given twice");
	CHECK_STR(refusal("a,"), "a key is missing");
	CHECK_STR(refusal("a,=1"), "a key is missing");
	CHECK_STR(refusal(""), "file must not be empty");
	CHECK_STR(refusal("0123456789012345678901234567890123456789x"),
		  "file must be at most 40 characters, not 41");
	CHECK_STR(refusal("a,letters="), "letters has no letters");
}

TEST(prop_show_says_what_was_set)
{
	struct sample s = { 0 };
	struct err err = { 0 };
	char buf[64];

	CHECK(!prop_show(&s, prop_find(sample_props, "file"), buf, 64));
	CHECK(!prop_show(&s, prop_find(sample_props, "queues"), buf, 64));
	CHECK(!prop_show(&s, prop_find(sample_props, "letters"), buf, 64));
	CHECK_EQ(prop_parse(&s, sample_props, "file",
			    "a.img,queues=0x10,size=1024M,cache=unsafe", &err),
		 0);
	CHECK(prop_show(&s, prop_find(sample_props, "file"), buf, 64));
	CHECK_STR(buf, "a.img");
	CHECK(prop_show(&s, prop_find(sample_props, "readonly"), buf, 64));
	CHECK_STR(buf, "off");
	CHECK(prop_show(&s, prop_find(sample_props, "queues"), buf, 64));
	CHECK_STR(buf, "16");
	CHECK(prop_show(&s, prop_find(sample_props, "size"), buf, 64));
	CHECK_STR(buf, "1G");
	CHECK(prop_show(&s, prop_find(sample_props, "cache"), buf, 64));
	CHECK_STR(buf, "unsafe");
	prop_free(&s, sample_props);
}

TEST(prop_placeholder_lists_choices)
{
	char buf[64];

	CHECK_STR(prop_placeholder(prop_find(sample_props, "cache"), buf, 64),
		  "none|writeback|unsafe");
	CHECK_STR(
		prop_placeholder(prop_find(sample_props, "readonly"), buf, 64),
		"on|off");
	CHECK_STR(prop_placeholder(prop_find(sample_props, "queues"), buf, 64),
		  "N");
}

TEST(prop_set_leaves_the_field_when_it_fails)
{
	struct sample s = { .queues = 3 };
	struct err err = { 0 };

	CHECK_EQ(prop_set(&s, &sample_props[2], "17", &err), -ERANGE);
	CHECK_EQ(s.queues, 3);
}

TEST(parse_uint_takes_whole_numbers_only)
{
	uint64_t v = 7;

	CHECK_EQ(parse_uint("18446744073709551615", &v), 0);
	CHECK_EQ(v, UINT64_MAX);
	CHECK_EQ(parse_uint("0xfFfFfFfFfFfFfFfF", &v), 0);
	CHECK_EQ(v, UINT64_MAX);
	CHECK_EQ(parse_uint("010", &v), 0);
	CHECK_EQ(v, 10);
	v = 7;
	CHECK_EQ(parse_uint("18446744073709551616", &v), -ERANGE);
	CHECK_EQ(parse_uint("0x10000000000000000", &v), -ERANGE);
	CHECK_EQ(parse_uint("", &v), -EINVAL);
	CHECK_EQ(parse_uint("0x", &v), -EINVAL);
	CHECK_EQ(parse_uint(" 1", &v), -EINVAL);
	CHECK_EQ(parse_uint("+1", &v), -EINVAL);
	CHECK_EQ(parse_uint("1x", &v), -EINVAL);
	CHECK_EQ(v, 7);
}

TEST(parse_size_takes_units)
{
	uint64_t v;

	CHECK_EQ(parse_size("512", &v), 0);
	CHECK_EQ(v, 512);
	CHECK_EQ(parse_size("2k", &v), 0);
	CHECK_EQ(v, 2048);
	CHECK_EQ(parse_size("3M", &v), 0);
	CHECK_EQ(v, 3 << 20);
	CHECK_EQ(parse_size("4G", &v), 0);
	CHECK_EQ(v, 4ull << 30);
	CHECK_EQ(parse_size("16777215T", &v), 0);
	CHECK_EQ(v, 16777215ull << 40);
	CHECK_EQ(parse_size("16777216T", &v), -ERANGE);
	CHECK_EQ(parse_size("1MB", &v), -EINVAL);
	CHECK_EQ(parse_size("G", &v), -EINVAL);
	CHECK_EQ(parse_size("1.5G", &v), -EINVAL);
}

TEST(format_size_chooses_the_unit)
{
	char buf[32];

	CHECK_STR(format_size(0, buf, sizeof(buf)), "0 bytes");
	CHECK_STR(format_size(1, buf, sizeof(buf)), "1 byte");
	CHECK_STR(format_size(1023, buf, sizeof(buf)), "1023 bytes");
	CHECK_STR(format_size(65536, buf, sizeof(buf)), "64 KiB");
	CHECK_STR(format_size(3ull << 29, buf, sizeof(buf)), "1.5 GiB");
	CHECK_STR(format_size(1ull << 40, buf, sizeof(buf)), "1 TiB");
	CHECK_STR(format_size(UINT64_MAX, buf, sizeof(buf)), "16.0 EiB");
}

static const char *word_of(const void *ctx, size_t i)
{
	const char *const *words = ctx;

	return words[i];
}

TEST(nearest_word_proposes_what_was_meant)
{
	static const char *const words[] = { "memory",	"kernel",  "net",
					     "timeout", "initrd",  "disk",
					     "append",	"console", NULL };

	CHECK_STR(nearest_word("memroy", word_of, words), "memory");
	CHECK_STR(nearest_word("mem", word_of, words), "memory");
	CHECK_STR(nearest_word("kernal", word_of, words), "kernel");
	CHECK_STR(nearest_word("Disk", word_of, words), "disk");
	CHECK_STR(nearest_word("time", word_of, words), "timeout");
	CHECK_STR(nearest_word("nte", word_of, words), "net");
	CHECK(nearest_word("xyzzy", word_of, words) == NULL);
	CHECK(nearest_word("q", word_of, words) == NULL);
	CHECK(nearest_word("", word_of, words) == NULL);
}

TEST(nearest_word_of_a_long_word_is_none)
{
	static const char *const words[] = { "memory", NULL };
	char big[4096];

	memset(big, 'm', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	CHECK(nearest_word(big, word_of, words) == NULL);
}

TEST(prop_join_writes_what_prop_parse_reads)
{
	char buf[16];

	CHECK_STR(prop_join("file", "a,b", buf, sizeof(buf)), "file=a,,b");
	CHECK_STR(prop_join("file", "", buf, sizeof(buf)), "file=");
	prop_join("file", "a,very,long,name", buf, sizeof(buf));
	CHECK(strlen(buf) < sizeof(buf));
	prop_join("a key that is too long", "x", buf, sizeof(buf));
	CHECK(strlen(buf) < sizeof(buf));
}
