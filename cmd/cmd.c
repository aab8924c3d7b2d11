/* SPDX-License-Identifier: MIT */
/* Finds and runs the subcommand; prints what went wrong. */
#include "cmd/cmd.h"

#include <errno.h>
#include <string.h>

#include "cmd/config.h"
#include "machine/virt/exit_status.h"

const struct command *const cmd_all[] = { &cmd_run,	&cmd_check, &cmd_dump,
					  &cmd_version, &cmd_help,  NULL };

const struct command *cmd_find(const char *name)
{
	for (const struct command *const *c = cmd_all; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}

static const char *cmd_nth_name(const void *ctx, size_t i)
{
	const struct command *const *list = ctx;

	return list[i] ? list[i]->name : NULL;
}

/* What a user typed may hold anything; the terminal must not act on it. */
static void cmd_print_line(const char *text)
{
	fputs("vmm: ", stderr);
	for (; *text; text++)
		putc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text,
		     stderr);
	putc('\n', stderr);
}

void cmd_print_error(const struct err *err)
{
	cmd_print_line(err->msg);
	if (err->hint[0])
		cmd_print_line(err->hint);
}

void cmd_usage(const struct command *cmd, FILE *f)
{
	fprintf(f, "Usage: vmm %s%s%s%s\n%c%s.\n", cmd->name,
		(*cmd->options)->prop.name ? " [OPTION]..." : "",
		cmd->args ? " " : "", cmd->args ? cmd->args : "",
		cmd->brief[0] & ~0x20, cmd->brief + 1);
	opt_help(cmd->options, f);
}

static const char *cmd_nth_word(const void *ctx, size_t i)
{
	const char *const *words = ctx;

	return words[i];
}

static int cmd_check_words(const struct command *cmd,
			   const struct opt_args *args, struct err *err)
{
	const char *near;
	size_t i;

	if (args->n > cmd->max_args) {
		err_set(err, EINVAL, "unexpected argument '%.160s'",
			args->word[cmd->max_args]);
		err_hint(err, "'vmm %s --help' tells its form", cmd->name);
		return -EINVAL;
	}
	if (args->n < cmd->min_args) {
		err_set(err, EINVAL, "%s needs to know what", cmd->name);
		err_hint(err, "write vmm %s %s", cmd->name, cmd->args);
		return -EINVAL;
	}
	for (unsigned n = 0; cmd->words && n < args->n; n++) {
		for (i = 0; cmd->words[i]; i++)
			if (!strcmp(args->word[n], cmd->words[i]))
				break;
		if (cmd->words[i])
			continue;
		err_set(err, EINVAL, "%s does not know '%.160s'", cmd->name,
			args->word[n]);
		near = nearest_word(args->word[n], cmd_nth_word, cmd->words);
		if (near)
			err_hint(err, "did you mean '%s'?", near);
		else
			err_hint(err, "write vmm %s %s", cmd->name, cmd->args);
		return -EINVAL;
	}
	return 0;
}

static int cmd_parse_and_run(const struct command *cmd, struct config *c,
			     int argc, char **argv, struct err *err)
{
	int ret = opt_parse(c, cmd->options, argc, argv, &c->args, err);

	if (ret == OPT_HELP) {
		cmd_usage(cmd, stdout);
		return 0;
	}
	if (!ret)
		ret = cmd_check_words(cmd, &c->args, err);
	if (!ret)
		ret = cmd->run(c, err);
	return ret;
}

static int cmd_unknown(const char *name, struct err *err)
{
	const char *near = nearest_word(name, cmd_nth_name, cmd_all);

	err_set(err, EINVAL, "unknown command '%.160s'", name);
	if (near)
		err_hint(err, "did you mean 'vmm %s'?", near);
	else
		err_hint(err, "'vmm help' lists the commands");
	return -EINVAL;
}

/* "vmm --help" and the like, as other programs have it. */
static const char *cmd_alias(const char *name)
{
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		return "help";
	if (!strcmp(name, "--version"))
		return "version";
	return name;
}

int cmd_main(int argc, char **argv)
{
	const struct command *cmd;
	struct err err = { 0 };
	struct config c;
	int ret;

	config_init(&c);
	if (argc < 2) {
		ret = err_set(&err, EINVAL, "no command is given");
		err_hint(&err, "'vmm run' boots a guest, 'vmm help' lists the "
			       "commands");
	} else if ((cmd = cmd_find(cmd_alias(argv[1])))) {
		ret = cmd_parse_and_run(cmd, &c, argc - 1, argv + 1, &err);
	} else {
		ret = cmd_unknown(argv[1], &err);
	}
	if (!ret && fflush(stdout))
		ret = err_set(&err, errno, "cannot write standard output: %s",
			      strerror(errno));
	if (ret < 0) {
		cmd_print_error(&err);
		ret = EXIT_CANNOT_RUN;
	}
	config_free(&c);
	return ret;
}
