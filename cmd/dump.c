/* SPDX-License-Identifier: MIT */
/* `vmm dump`: what the guest would be told about its machine. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/acpi.h"
#include "boot/fdt.h"
#include "cmd/board_text.h"
#include "cmd/cmd.h"
#include "cmd/config.h"
#include "machine/virt/virt.h"

#define DUMP_FDT_MAX (1u << 20)

/* ---- where to: standard output, or the file of --output */

static FILE *dump_open(const struct config *c, struct err *err)
{
	FILE *f;

	if (!c->output)
		return stdout;
	f = fopen(c->output, "we");
	if (!f)
		err_set(err, errno, "cannot write '%.200s': %s", c->output,
			strerror(errno));
	return f;
}

/* A full disk shows at the latest when the file is closed. */
static int dump_close(const struct config *c, FILE *f, struct err *err)
{
	bool bad = ferror(f);

	if (f == stdout)
		bad |= fflush(f) != 0;
	else
		bad |= fclose(f) != 0;
	if (!bad)
		return 0;
	return err_set(err, errno ? errno : EIO, "cannot write '%.200s': %s",
		       c->output ? c->output : "standard output",
		       strerror(errno ? errno : EIO));
}

/* ---- each kind */

static int dump_text(const struct config *c, const struct board *b,
		     void (*print)(const struct board *b, FILE *f),
		     struct err *err)
{
	FILE *f = dump_open(c, err);

	if (!f)
		return -err->code;
	print(b, f);
	return dump_close(c, f, err);
}

static int dump_fdt(const struct config *c, const struct board *b,
		    struct err *err)
{
	struct fdt_chosen chosen = { .cmdline = c->vm.append };
	void *buf;
	FILE *f;
	int size;

	if (!c->output && isatty(STDOUT_FILENO)) {
		err_set(err, EINVAL,
			"a device tree blob is not for a terminal");
		err_hint(err, "write it with -o FILE, or read it with | dtc -I "
			      "dtb");
		return -EINVAL;
	}
	if (!chosen.cmdline)
		chosen.cmdline = virt_target(b->arch)->cmdline;
	buf = malloc(DUMP_FDT_MAX);
	if (!buf)
		return err_nomem(err, "the device tree");
	size = fdt_build(b, &chosen, buf, DUMP_FDT_MAX, err);
	if (size < 0) {
		free(buf);
		return size;
	}
	f = dump_open(c, err);
	if (f)
		fwrite(buf, 1, size, f);
	free(buf);
	return f ? dump_close(c, f, err) : -err->code;
}

/* As acpidump prints it, for acpixtract and iasl to read. */
static int dump_acpi_table(void *opaque, const struct acpi_table *t,
			   struct err *err)
{
	FILE *f = opaque;

	(void)err;
	/* The RSDP has no signature of four letters; acpidump says RSDP. */
	if (t->size >= 8 && !memcmp(t->data, "RSD PTR ", 8))
		fputs("RSDP", f);
	else
		fprintf(f, "%.4s", (const char *)t->data);
	fprintf(f, " @ 0x%016" PRIX64 "\n", t->address);
	for (uint32_t i = 0; i < t->size; i += 16) {
		fprintf(f, "    %04X:", i);
		for (uint32_t j = i; j < i + 16; j++)
			if (j < t->size)
				fprintf(f, " %02X", t->data[j]);
			else
				fputs("   ", f);
		fputs("  ", f);
		for (uint32_t j = i; j < i + 16 && j < t->size; j++)
			putc(isprint(t->data[j]) ? t->data[j] : '.', f);
		putc('\n', f);
	}
	putc('\n', f);
	return 0;
}

static int dump_acpi(const struct config *c, const struct board *b,
		     struct err *err)
{
	int ret;

	if (c->output)
		return acpi_dump_dir(b, c->output, err);
	ret = acpi_dump(b, dump_acpi_table, stdout, err);
	return ret ? ret : dump_close(c, stdout, err);
}

static int dump_board(const struct config *c, const struct board *b,
		      struct err *err)
{
	switch (c->args.word[0][0]) {
	case 'f': return dump_fdt(c, b, err);
	case 'a': return dump_acpi(c, b, err);
	case 'm': return dump_text(c, b, board_print_memmap, err);
	default: return dump_text(c, b, board_print, err);
	}
}

static int dump_run(struct config *c, struct err *err)
{
	struct board *b;
	int ret = config_device_help(c, stdout, err);

	if (ret)
		return ret < 0 ? ret : 0;
	ret = vm_config_check(&c->vm, err);
	if (!ret)
		ret = virt_devices_check(&c->vm, err);
	if (ret)
		return ret;
	b = board_make(&c->vm, (unsigned)c->phys_bits, err);
	if (!b)
		return -err->code;
	ret = dump_board(c, b, err);
	board_free(b);
	return ret;
}

static const char *const dump_words[] = { "fdt", "acpi", "memmap", "board",
					  NULL };
static const struct opt dump_opts[] = {
	{ .group = "Output",
	  .letter = 'o',
	  .file = true,
	  .prop = { .name = "output",
		    .arg = "FILE|DIR",
		    .kind = PROP_STR,
		    .min = 1,
		    .max = 4095,
		    .off = offsetof(struct config, output),
		    .brief = "write there instead of standard output",
		    .detail = "For acpi a directory, which gets a file for "
			      "each table, as iasl -d takes it; without it "
			      "the tables are printed as acpidump does, for "
			      "acpixtract." } },
	{ .prop = { .name = "phys-bits",
		    .arg = "N",
		    .kind = PROP_UINT,
		    .min = 32,
		    .max = 52,
		    .off = offsetof(struct config, phys_bits),
		    .brief = "the guest's physical address bits (default 46)",
		    .detail = "vmm run takes the host's." } },
	{ .prop = { 0 } },
};
static const struct opt *const dump_tables[] = { config_machine_opts, dump_opts,
						 NULL };

const struct command cmd_dump = {
	.name = "dump",
	.brief = "print what the guest is told about its machine",
	.detail = "Takes the options of vmm run that describe the machine, for "
		  "any architecture, and prints what firmware would have told "
		  "the guest about it: its device tree, its ACPI tables, its "
		  "memory map, or the description that all are made from.",
	.options = dump_tables,
	.args = "fdt|acpi|memmap|board",
	.min_args = 1,
	.max_args = 1,
	.words = dump_words,
	.run = dump_run,
};
