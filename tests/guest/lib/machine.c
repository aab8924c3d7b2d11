// SPDX-License-Identifier: MIT
/* From the architecture's entry to guest_main() and out again. */
#include <stdarg.h>

#include "arch.h"
#include "guest.h"

struct machine machine;

void vprintf(const char *fmt, va_list ap);

const char *cmdline_get(const char *key)
{
	size_t n = strlen(key);

	for (const char *p = machine.cmdline; p && *p; p++)
		if ((p == machine.cmdline || p[-1] == ' ') &&
		    !strncmp(p, key, n) && p[n] == '=')
			return p + n + 1;
	return NULL;
}

bool cmdline_has(const char *word)
{
	size_t n = strlen(word);

	for (const char *p = machine.cmdline; p && *p; p++)
		if ((p == machine.cmdline || p[-1] == ' ') &&
		    !strncmp(p, word, n) && (!p[n] || p[n] == ' '))
			return true;
	return false;
}

/* Where arch_boot() leaves off: on the boot CPU, least privileged. */
void machine_main(void);
void machine_main(void)
{
	arch_boot();
	acpi_read();
	arch_console_init();
	guest_exit(guest_main());
}

void guest_exit(int status)
{
	uint32_t type = machine.sleep_type < 0 ? 5 : machine.sleep_type;

	arch_exit(status);
	if (machine.sleep_control.addr)
		reg_write(&machine.sleep_control, 1, type << 2 | 1 << 5);
	else if (machine.pm1a_control.addr)
		reg_write(&machine.pm1a_control, 2, type << 10 | 1 << 13);
	if (machine.reset.addr)
		reg_write(&machine.reset, 1, machine.reset_value);
	for (;;)
		arch_relax();
}

void guest_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("Bail out! ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	guest_exit(1);
}
