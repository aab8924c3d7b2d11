/* SPDX-License-Identifier: MIT */
/* Guest memory, by the current vCPU's virtual addresses or by physical ones. */
#include <errno.h>
#include <string.h>

#include "gdbstub/priv.h"

#define PAGE 4096u

static size_t memory_piece(uint64_t addr, size_t left)
{
	size_t piece = PAGE - (size_t)(addr % PAGE);

	return piece < left ? piece : left;
}

static bool memory_gpa(struct gdbstub *s, uint64_t addr, gpa_t *gpa)
{
	void *regs;

	*gpa = addr;
	if (s->physical)
		return true;
	regs = regs_get(s, s->current);
	return regs && s->m.target->translate(regs, s->m.mem, addr, gpa);
}

void memory_sync(struct gdbstub *s, const uint8_t *host, size_t len)
{
	struct accel_vm *vm = s->m.cpus->cpu[0].vm;

	if (vm->accel->mem_sync)
		vm->accel->mem_sync(vm, host, len);
}

void memory_put(struct gdbstub *s, uint8_t *host, const void *bytes, size_t len)
{
	memory_sync(s, host, len); /* of the lines that it shares */
	memcpy(host, bytes, len);
	memory_sync(s, host, len);
	/* It may be code; where caches need no care this is nothing. */
	__builtin___clear_cache((char *)host, (char *)host + len);
}

/* The host's pointer to bytes that lie in one page, to read; or NULL. */
static const uint8_t *memory_host(struct gdbstub *s, uint64_t addr, size_t len)
{
	const uint8_t *host = NULL;
	gpa_t gpa;

	if (memory_gpa(s, addr, &gpa))
		host = mem_run(s->m.mem, gpa, len);
	if (host)
		memory_sync(s, host, len);
	return host;
}

uint8_t *memory_host_rw(struct gdbstub *s, uint64_t addr, size_t len, int *why)
{
	uint8_t *host;
	gpa_t gpa;

	*why = -EFAULT;
	if (!memory_gpa(s, addr, &gpa))
		return NULL;
	host = mem_run_rw(s->m.mem, gpa, len);
	if (!host && mem_run(s->m.mem, gpa, len))
		*why = -EROFS;
	return host;
}

size_t memory_read(struct gdbstub *s, uint64_t addr, void *buf, size_t len)
{
	uint8_t *to = buf;
	size_t done = 0;

	while (done < len) {
		size_t n = memory_piece(addr + done, len - done);
		const uint8_t *from = memory_host(s, addr + done, n);

		if (!from)
			break;
		memcpy(to + done, from, n);
		done += n;
	}
	return done;
}

int memory_write(struct gdbstub *s, uint64_t addr, const void *buf, size_t len)
{
	const uint8_t *from = buf;
	int why;

	for (size_t done = 0, n; done < len; done += n) {
		n = memory_piece(addr + done, len - done);
		if (!memory_host_rw(s, addr + done, n, &why))
			return why;
	}
	for (size_t done = 0, n; done < len; done += n) {
		uint8_t *to;

		n = memory_piece(addr + done, len - done);
		to = memory_host_rw(s, addr + done, n, &why);
		if (!to)
			return why; /* what was written maps it */
		memory_put(s, to, from + done, n);
	}
	return 0;
}

/* The CRC of gdb's "compare-sections": polynomial 0x04c11db7, not reflected. */
static uint32_t memory_crc_more(uint32_t crc, const uint8_t *p, size_t n)
{
	for (; n--; p++) {
		crc ^= (uint32_t)*p << 24;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x80000000 ? crc << 1 ^ 0x04c11db7
					       : crc << 1;
	}
	return crc;
}

bool memory_crc(struct gdbstub *s, uint64_t addr, uint64_t len, uint32_t *crc)
{
	*crc = 0xffffffff;
	while (len) {
		size_t n = memory_piece(addr, len < PAGE ? (size_t)len : PAGE);
		const uint8_t *p = memory_host(s, addr, n);

		if (!p)
			return false;
		*crc = memory_crc_more(*crc, p, n);
		addr += n;
		len -= n;
	}
	return true;
}

int memory_search(struct gdbstub *s, uint64_t addr, uint64_t len,
		  const uint8_t *what, size_t n, uint64_t *at)
{
	uint8_t buf[2 * PAGE];

	if (!n || n > PAGE)
		return -1;
	while (len >= n) {
		size_t chunk = len < sizeof(buf) ? (size_t)len : sizeof(buf);
		const uint8_t *found;

		if (memory_read(s, addr, buf, chunk) < chunk)
			return -1;
		found = memmem(buf, chunk, what, n);
		if (found) {
			*at = addr + (uint64_t)(found - buf);
			return 1;
		}
		chunk -= n - 1; /* it may begin in this chunk's end */
		addr += chunk;
		len -= chunk;
	}
	return 0;
}

void memory_map(struct gdbstub *s, struct packet_out *xml)
{
	/* gdb's addresses are virtual: all of them may be memory. */
	(void)s;
	packet_str(xml, "<?xml version=\"1.0\"?><memory-map>"
			"<memory type=\"ram\" start=\"0x0\" "
			"length=\"0xffffffffffffffff\"/></memory-map>");
}
