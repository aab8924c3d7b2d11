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

void mem_add(uint64_t base, uint64_t size, uint32_t type)
{
	if (size && machine.nmem < MAX_MEM)
		machine.mem[machine.nmem++] =
			(struct mem_entry){ base, size, type };
}

void mem_reserve(uint64_t base, uint64_t size)
{
	unsigned n = machine.nmem;

	for (unsigned i = 0; i < n; i++) {
		struct mem_entry *e = &machine.mem[i];
		uint64_t end = e->base + e->size;
		uint64_t lo = base > e->base ? base : e->base;
		uint64_t hi = base + size < end ? base + size : end;

		if (e->type != MEM_RAM || lo >= hi)
			continue;
		mem_add(hi, end - hi, MEM_RAM);
		e->size = lo - e->base;
		if (e->size)
			mem_add(lo, hi - lo, MEM_RESERVED);
		else
			*e = (struct mem_entry){ lo, hi - lo, MEM_RESERVED };
	}
}

uint32_t reg_read(const struct reg *r, unsigned size)
{
	if (r->io)
		return arch_io_read(r->addr, size);
	return size == 1   ? mmio_read8(r->addr)
	       : size == 2 ? mmio_read16(r->addr)
			   : mmio_read32(r->addr);
}

void reg_write(const struct reg *r, unsigned size, uint32_t val)
{
	if (r->io)
		arch_io_write(r->addr, size, val);
	else if (size == 1)
		mmio_write8(r->addr, val);
	else if (size == 2)
		mmio_write16(r->addr, val);
	else
		mmio_write32(r->addr, val);
}

/* Where arch_boot() leaves off: on the boot CPU, least privileged. */
void machine_main(void);
void machine_main(void)
{
	arch_boot();
	arch_console_init();
	guest_exit(guest_main());
}

void guest_exit(int status)
{
	uint32_t type = machine.sleep_type < 0 ? 5 : machine.sleep_type;
	const char *port = cmdline_get("debug-exit");

	if (port) /* in no table */
		arch_io_write(parse_num(port), 1, status);
	arch_poweroff();
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
