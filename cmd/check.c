/* SPDX-License-Identifier: MIT */
/* `vmm check`: what this host offers, and what follows from it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/config.h"

static int check_run(struct config *c __attribute__((unused)), struct err *err)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "cannot open /dev/kvm: %s",
			       strerror(errno));
	close(fd);
	puts("/dev/kvm can be opened");
	return 0;
}

static const struct opt check_opts[] = {
	{ .flag = true,
	  .prop = { .name = "json",
		    .kind = PROP_BOOL,
		    .off = offsetof(struct config, json),
		    .brief = "print it for a program" } },
	{ .prop = { 0 } },
};
static const struct opt *const check_tables[] = { check_opts, NULL };

const struct command cmd_check = {
	.name = "check",
	.brief = "tell what this host offers",
	.options = check_tables,
	.run = check_run,
};
