/* SPDX-License-Identifier: MIT */
/* `vmm help`: the commands as text, as the man page, as shell completion. */
#include <errno.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/config.h"

/* ---- text */

static void help_commands(FILE *f)
{
	fputs("Usage: vmm COMMAND [OPTION]...\n"
	      "Runs virtual machines on Linux KVM.\n\n",
	      f);
	for (const struct command *const *c = cmd_all; *c; c++)
		fprintf(f, "  vmm %-10s %s\n", (*c)->name, (*c)->brief);
	fputs("\n'vmm help COMMAND' lists a command's options, 'man vmm' tells "
	      "all.\n",
	      f);
}

static int help_one(const char *name, struct err *err)
{
	const struct command *cmd = cmd_find(name);

	if (!cmd) {
		err_set(err, EINVAL, "unknown command '%.160s'", name);
		err_hint(err, "'vmm help' lists the commands");
		return -EINVAL;
	}
	cmd_usage(cmd, stdout);
	return 0;
}

/* ---- the man page */

static void man_command(const struct command *cmd, FILE *f)
{
	fputs(".SH VMM ", f);
	for (const char *s = cmd->name; *s; s++)
		putc(*s & ~0x20, f);
	fprintf(f, "\n.B vmm %s", cmd->name);
	if ((*cmd->options)->prop.name)
		fputs("\n[\\fIoption\\fR]...", f);
	if (cmd->args) {
		fputs("\n.I ", f);
		opt_man_text(cmd->args, f);
	}
	fputs("\n.PP\n", f);
	if (cmd->detail)
		opt_man_text(cmd->detail, f);
	else
		fprintf(f, "%c%s.", cmd->brief[0] & ~0x20, cmd->brief + 1);
	putc('\n', f);
}

static void man_item(const char *tag, const char *text, FILE *f)
{
	fputs(".TP\n.B ", f);
	opt_man_text(tag, f);
	putc('\n', f);
	opt_man_text(text, f);
	putc('\n', f);
}

static void man_exit_status(FILE *f)
{
	fputs(".SH EXIT STATUS\nOf\n.BR \"vmm run\" ,\n"
	      "the same on every architecture:\n",
	      f);
	man_item("0", "The guest powered off, or its command returned 0.", f);
	man_item("1-119",
		 "The status that the guest's command returned, through a "
		 "device such as isa-debug-exit.",
		 f);
	man_item("120", "The guest's kernel panicked.", f);
	man_item("121",
		 "The virtual machine crashed: a triple fault, an internal "
		 "error of KVM, a checkstop. The CPU's registers are printed.",
		 f);
	man_item("122", "The guest reset the machine under --on-reboot exit.",
		 f);
	man_item("123",
		 "No line matched --expect before the guest ended, or one "
		 "matched --fail-on.",
		 f);
	man_item(
		"124",
		"The time of --timeout passed. It is told where every CPU was.",
		f);
	man_item("125",
		 "vmm could not start the machine: a wrong option, a missing "
		 "file, no usable KVM. Of the other commands: they failed.",
		 f);
	man_item("128 + n",
		 "Signal n (INT, TERM or HUP) ended vmm. SIGPWR presses the "
		 "guest's power button instead.",
		 f);
}

static void man_examples(FILE *f)
{
	fputs(".SH EXAMPLES\n", f);
	man_item("vmm run -k bzImage -i rd.gz -p 'console=ttyS0'",
		 "Boots a kernel with its initial RAM disk; Ctrl-A x quits.",
		 f);
	man_item(
		"vmm run -k bzImage -d root.img,snapshot=on -n user -c 4 -m 2G",
		"With a disk that stays as it is, a network and four CPUs.", f);
	man_item("vmm run -k bzImage -i test.gz --timeout 60 --expect "
		 "'^ALL PASSED'",
		 "In a script: status 0 once the line appears, 120 on a panic, "
		 "124 after a minute.",
		 f);
	man_item("vmm check", "Tells what this host's KVM can do.", f);
}

static int help_man(FILE *f)
{
	fprintf(f,
		".TH VMM 1 \"\" \"vmm %s\" \"User Commands\"\n"
		".SH NAME\nvmm \\- run virtual machines on Linux KVM\n"
		".SH SYNOPSIS\n",
		VMM_VERSION);
	for (const struct command *const *c = cmd_all; *c; c++)
		fprintf(f, "%s.B vmm %s\n%s", c == cmd_all ? "" : ".br\n",
			(*c)->name,
			(*(*c)->options)->prop.name ? "[\\fIoption\\fR]...\n"
						    : "");
	fputs(".SH DESCRIPTION\n"
	      "vmm runs one virtual machine in one process, on the KVM of the "
	      "host.\nAn option's value follows it or is joined to it by an "
	      "equals sign;\nvalues of several parts are lists of key=value, "
	      "separated by commas.\n.B on\nmay be left out after a key that "
	      "is on or off.\nSizes take K, M, G and T.\nAn option that is "
	      "given again overrides what came before, unless it may be given\n"
	      "several times.\n",
	      f);
	for (const struct command *const *c = cmd_all; *c; c++) {
		man_command(*c, f);
		/* dump's are run's but for its last table. */
		if (*c == &cmd_dump)
			opt_man((*c)->options + 1, f);
		else
			opt_man((*c)->options, f);
	}
	man_exit_status(f);
	man_examples(f);
	return 0;
}

/* ---- completion: both shells get their words from the tables */

/* Single-quoted for a shell, what a quote would end left out. */
static void shell_text(const char *text, FILE *f)
{
	for (; *text; text++)
		if (!strchr("'[]:\\", *text))
			putc(*text, f);
}

/* The values that a property may take, " a b c"; nothing when unknown. */
static void shell_values(const struct prop *p, FILE *f)
{
	if (p->kind == PROP_BOOL)
		fputs(" on off", f);
	for (int i = 0; p->kind == PROP_ENUM && p->choices[i]; i++)
		fprintf(f, " %s", p->choices[i]);
}

static void bash_option_case(const struct opt *o, FILE *f)
{
	const struct prop *first = &o->prop;

	if (opt_keys(o))
		first = o->first ? prop_find(opt_keys(o), o->first) : NULL;
	fprintf(f, "\t--%s", o->prop.name);
	if (o->letter)
		fprintf(f, "|-%c", o->letter);
	fprintf(f, ") file=%d; words='", o->file);
	if (first)
		shell_values(first, f);
	fputs("'; keys='", f);
	for (const struct prop *p = opt_keys(o); p && p->name; p++)
		if (p != first)
			fprintf(f, " %s=", p->name);
	fputs("';;\n", f);
}

static void bash_command(const struct command *cmd, FILE *f)
{
	fprintf(f, "_vmm_%s() {\n\tcase $1 in\n", cmd->name);
	for (const struct opt *const *t = cmd->options; *t; t++)
		for (const struct opt *o = *t; o->prop.name; o++)
			if (!o->flag)
				bash_option_case(o, f);
	fputs("\t*) return 1;;\n\tesac\n}\n", f);
	fprintf(f, "_vmm_%s_options='--help", cmd->name);
	for (const struct opt *const *t = cmd->options; *t; t++)
		for (const struct opt *o = *t; o->prop.name; o++)
			fprintf(f, " --%s", o->prop.name);
	fputs("'\n", f);
	fprintf(f, "_vmm_%s_args='", cmd->name);
	for (const char *const *w = cmd->words; w && *w; w++)
		fprintf(f, "%s%s", w == cmd->words ? "" : " ", *w);
	fputs("'\n", f);
}

static int help_bash(FILE *f)
{
	fputs("# bash completion of vmm, written by `vmm help --format bash`\n",
	      f);
	for (const struct command *const *c = cmd_all; *c; c++)
		bash_command(*c, f);
	fputs("_vmm() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} file=0 words= keys= "
	      "head=\n"
	      "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]} cmd=${COMP_WORDS[1]}\n"
	      "\tlocal all args\n"
	      "\tCOMPREPLY=()\n"
	      "\tif ((COMP_CWORD == 1)); then\n"
	      "\t\tCOMPREPLY=($(compgen -W '",
	      f);
	for (const struct command *const *c = cmd_all; *c; c++)
		fprintf(f, "%s%s", c == cmd_all ? "" : " ", (*c)->name);
	fputs("' -- \"$cur\"))\n\t\treturn\n\tfi\n"
	      "\tdeclare -F \"_vmm_$cmd\" >/dev/null || return\n"
	      "\tall=_vmm_${cmd}_options args=_vmm_${cmd}_args\n"
	      "\t# readline breaks words at '=': --option = value\n"
	      "\tif [[ $cur == = ]]; then\n"
	      "\t\tcur=\n"
	      "\telif [[ $prev == = ]]; then\n"
	      "\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
	      "\tfi\n"
	      "\tif [[ $cur != -* ]] && \"_vmm_$cmd\" \"$prev\"; then\n"
	      "\t\tif [[ $cur == *,* ]]; then\n"
	      "\t\t\thead=${cur%,*},\n"
	      "\t\t\tCOMPREPLY=($(compgen -P \"$head\" -W \"$keys\" -- "
	      "\"${cur##*,}\"))\n"
	      "\t\t\tcompopt -o nospace\n"
	      "\t\telif ((file)); then\n"
	      "\t\t\tcompopt -o filenames\n"
	      "\t\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	      "\t\telse\n"
	      "\t\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "\t\tfi\n"
	      "\telse\n"
	      "\t\tCOMPREPLY=($(compgen -W \"${!all} ${!args}\" -- \"$cur\"))\n"
	      "\tfi\n"
	      "}\n"
	      "complete -F _vmm vmm\n",
	      f);
	return 0;
}

static void zsh_option(const struct opt *o, FILE *f)
{
	const struct prop *first = &o->prop;
	const char *many = o->elem_size || o->prop.many ? "*" : "";

	if (opt_keys(o))
		first = o->first ? prop_find(opt_keys(o), o->first) : NULL;
	if (o->letter)
		fprintf(f, "\t\t%s{-%c,--%s}'[",
			o->elem_size || o->prop.many ? "\\*" : "", o->letter,
			o->prop.name);
	else
		fprintf(f, "\t\t'%s--%s[", many, o->prop.name);
	shell_text(o->prop.brief, f);
	if (o->flag) {
		fputs("]' \\\n", f);
		return;
	}
	fprintf(f, "]:%s:", o->prop.name);
	if (o->file) {
		fputs("_files", f);
	} else if (first &&
		   (first->kind == PROP_BOOL || first->kind == PROP_ENUM)) {
		putc('(', f);
		shell_values(first, f);
		putc(')', f);
	} else {
		putc(' ', f);
	}
	fputs("' \\\n", f);
}

static void zsh_command(const struct command *cmd, FILE *f)
{
	fprintf(f, "\t%s)\n\t\t_arguments -s \\\n", cmd->name);
	for (const struct opt *const *t = cmd->options; *t; t++)
		for (const struct opt *o = *t; o->prop.name; o++)
			zsh_option(o, f);
	fputs("\t\t'(- *)'{-h,--help}'[print the help]'", f);
	if (cmd->words) {
		fputs(" \\\n\t\t'1:what:(", f);
		for (const char *const *w = cmd->words; *w; w++)
			fprintf(f, "%s%s", w == cmd->words ? "" : " ", *w);
		fputs(")'", f);
	}
	fputs("\n\t\t;;\n", f);
}

static int help_zsh(FILE *f)
{
	fputs("#compdef vmm\n"
	      "# zsh completion of vmm, written by `vmm help --format zsh`\n"
	      "_vmm() {\n"
	      "\tlocal -a commands=(\n",
	      f);
	for (const struct command *const *c = cmd_all; *c; c++) {
		fprintf(f, "\t\t'%s:", (*c)->name);
		shell_text((*c)->brief, f);
		fputs("'\n", f);
	}
	fputs("\t)\n"
	      "\tif ((CURRENT == 2)); then\n"
	      "\t\t_describe command commands\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\tshift words\n"
	      "\t((CURRENT--))\n"
	      "\tcase $words[1] in\n",
	      f);
	for (const struct command *const *c = cmd_all; *c; c++)
		zsh_command(*c, f);
	fputs("\tesac\n}\n_vmm \"$@\"\n", f);
	return 0;
}

/* ---- the command */

static int help_run(struct config *c, struct err *err)
{
	switch (c->format) {
	case HELP_MAN: return help_man(stdout);
	case HELP_BASH: return help_bash(stdout);
	case HELP_ZSH: return help_zsh(stdout);
	}
	if (c->args.n)
		return help_one(c->args.word[0], err);
	help_commands(stdout);
	return 0;
}

static const char *const help_formats[] = { "text", "man", "bash", "zsh",
					    NULL };
static const char *const help_words[] = { "run",     "check", "dump",
					  "version", "help",  NULL };
static const struct opt help_opts[] = {
	{ .prop = { .name = "format",
		    .kind = PROP_ENUM,
		    .choices = help_formats,
		    .off = offsetof(struct config, format),
		    .brief = "print the man page, or a shell's completion" } },
	{ .prop = { 0 } },
};
static const struct opt *const help_tables[] = { help_opts, NULL };

const struct command cmd_help = {
	.name = "help",
	.brief = "list the commands, or one's options",
	.options = help_tables,
	.args = "[COMMAND]",
	.max_args = 1,
	.words = help_words,
	.run = help_run,
};
