/* SPDX-License-Identifier: MIT */
/* Fuzzes the option parser: whatever it accepts must print and read back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/config.h"
#include "tests/fuzz/fuzz.h"

#define MAX_WORDS 64

static char *options_show(const struct config *c)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		abort();
	opt_show(c, cmd_run.options, f);
	fclose(f);
	return text;
}

/* Splits text at newlines into argv, which gets a command's name first. */
static int options_split(char *text, char **argv)
{
	int argc = 0;

	argv[argc++] = "run";
	for (char *word; (word = strsep(&text, "\n")) && argc < MAX_WORDS;)
		if (*word)
			argv[argc++] = word;
	return argc;
}

/* True when the words are a configuration that could run. */
static bool options_parse(struct config *c, char *text)
{
	char *argv[MAX_WORDS];
	struct err err = { 0 };
	int argc = options_split(text, argv);
	int ret;

	config_init(c);
	ret = opt_parse(c, cmd_run.options, argc, argv, &c->args, &err);
	if (!ret)
		ret = vm_config_check(&c->vm, &err);
	/* A failure has a message, one line; success has none. */
	if ((ret < 0) != (err.msg[0] != 0))
		abort();
	return !ret && !c->args.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *shown, *again;
	struct config c;

	if (options_parse(&c, text)) {
		shown = options_show(&c);
		config_free(&c);
		again = strdup(shown);
		if (!options_parse(&c, again))
			abort();
		free(again);
		again = options_show(&c);
		if (strcmp(shown, again))
			abort();
		free(again);
		free(shown);
	}
	config_free(&c);
	free(text);
	return 0;
}
