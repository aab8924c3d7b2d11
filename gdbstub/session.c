/* SPDX-License-Identifier: MIT */
/* What each packet means: GDB manual, appendix E.2 to E.6. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gdbstub/priv.h"

/* The most memory that one packet reads, bytes. */
#define READ_MAX (PACKET_MAX / 2)
/*
 * ... and that one looks at: gdb waits two seconds for an answer, and nothing
 * else is heard before it, not even that the machine ends.
 */
#define CRC_MAX	   (UINT64_C(256) << 20)
#define SEARCH_MAX (UINT64_C(4) << 30)

static void session_ok(struct gdbstub *s)
{
	packet_str(&s->out, "OK");
}

void session_error(struct gdbstub *s, int code, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	s->out.len = 0;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (s->knows_errors)
		packet_fmt(&s->out, "E.%s", text);
	else
		packet_fmt(&s->out, "E%02x", (unsigned)code & 0xff);
}

static void session_malformed(struct gdbstub *s)
{
	session_error(s, EINVAL, "a malformed packet");
}

/* "A,B" with whatever ends it at *p; false: malformed. */
static bool session_two(const char **p, uint64_t *a, uint64_t *b)
{
	if (!packet_number(p, a) || **p != ',')
		return false;
	(*p)++;
	return packet_number(p, b);
}

/* ---- registers */

static void session_p(struct gdbstub *s, const char *p)
{
	uint64_t n;

	if (!packet_number(&p, &n) || !regs_read(s, n))
		session_error(s, EINVAL, "there is no such register");
}

static void session_P(struct gdbstub *s, const char *p)
{
	uint64_t n;

	if (packet_number(&p, &n) && *p == '=' && regs_write(s, n, p + 1))
		session_ok(s);
	else
		session_error(s, EINVAL, "the register cannot be written");
}

static void session_g(struct gdbstub *s, const char *p)
{
	(void)p;
	regs_read_all(s);
}

static void session_G(struct gdbstub *s, const char *p)
{
	if (regs_write_all(s, p))
		session_ok(s);
	else
		session_error(s, EINVAL, "the registers cannot be written");
}

/* ---- memory */

static void session_m(struct gdbstub *s, const char *p)
{
	static uint8_t buf[READ_MAX];
	uint64_t addr, len;
	size_t n;

	if (!session_two(&p, &addr, &len)) {
		session_malformed(s);
		return;
	}
	if (len > sizeof(buf))
		len = sizeof(buf);
	n = memory_read(s, addr, buf, (size_t)len);
	if (n || !len)
		packet_hex(&s->out, buf, n);
	else
		session_error(s, EFAULT, "nothing is mapped at 0x%" PRIx64,
			      addr);
}

static void session_write(struct gdbstub *s, uint64_t addr, const void *data,
			  size_t len)
{
	int ret = memory_write(s, addr, data, len);

	if (!ret)
		session_ok(s);
	else
		session_error(s, -ret,
			      "not all of the %zu bytes at 0x%" PRIx64
			      " are %s",
			      len, addr,
			      ret == -EROFS ? "writable: there is ROM or flash"
					    : "mapped");
}

static void session_M(struct gdbstub *s, const char *p)
{
	uint64_t addr, len;
	uint8_t *data;

	if (!session_two(&p, &addr, &len) || *p != ':' ||
	    strlen(p + 1) / 2 != len || strlen(p + 1) % 2) {
		session_malformed(s);
		return;
	}
	data = malloc((size_t)len + 1);
	if (data && packet_unhex(p + 1, (size_t)len, data))
		session_write(s, addr, data, (size_t)len);
	else
		session_malformed(s);
	free(data);
}

/* The bytes follow as they are; end is the packet's. */
static void session_X(struct gdbstub *s, const char *p, const uint8_t *end)
{
	uint64_t addr, len;

	if (session_two(&p, &addr, &len) && *p == ':' &&
	    (size_t)(end - (const uint8_t *)p - 1) == len)
		session_write(s, addr, p + 1, (size_t)len);
	else
		session_malformed(s);
}

static void session_crc(struct gdbstub *s, const char *p)
{
	uint64_t addr, len;
	uint32_t crc;

	if (!session_two(&p, &addr, &len))
		session_malformed(s);
	else if (len > CRC_MAX)
		session_error(s, E2BIG, "more than 256 MiB at once");
	else if (memory_crc(s, addr, len, &crc))
		packet_fmt(&s->out, "C%08x", crc);
	else
		session_error(s, EFAULT, "not all of it is mapped");
}

/* "ADDR;LEN;PATTERN", the pattern in bytes. */
static void session_search(struct gdbstub *s, const char *p, const uint8_t *end)
{
	uint64_t addr, len, at;
	int found;

	if (!packet_number(&p, &addr) || *p++ != ';' ||
	    !packet_number(&p, &len) || *p++ != ';') {
		session_malformed(s);
		return;
	}
	if (len > SEARCH_MAX) {
		session_error(s, E2BIG, "more than 4 GiB at once");
		return;
	}
	found = memory_search(s, addr, len, (const uint8_t *)p,
			      (size_t)(end - (const uint8_t *)p), &at);
	if (found < 0)
		session_error(s, EFAULT, "not all of it is mapped");
	else if (found)
		packet_fmt(&s->out, "1,%" PRIx64, at);
	else
		packet_str(&s->out, "0");
}

/* ---- breakpoints */

static void session_break_error(struct gdbstub *s, int ret, uint64_t kind)
{
	bool watch = kind >= BREAK_WRITE;

	switch (-ret) {
	case ENOSPC:
		session_error(s, ENOSPC,
			      "the CPU has no debug register left (%u for %s)",
			      watch ? s->caps.watches : s->caps.breaks,
			      s->caps.shared ? "breakpoints and watchpoints"
			      : watch	     ? "watchpoints"
					     : "breakpoints");
		break;
	case ENOTSUP:
		session_error(s, ENOTSUP,
			      "this host's KVM offers no hardware %s",
			      watch ? "watchpoints" : "breakpoints");
		break;
	case EINVAL:
		session_error(s, EINVAL,
			      watch ? "the CPU cannot watch a range of this "
				      "length and alignment"
				    : "the CPU has no breakpoints of this "
				      "length");
		break;
	default: session_error(s, -ret, "%s", strerror(-ret));
	}
}

static void session_z(struct gdbstub *s, const char *p, bool insert)
{
	uint64_t kind, addr, len;
	int ret = 0;

	if (!packet_number(&p, &kind) || *p++ != ',' ||
	    !session_two(&p, &addr, &len) || kind > BREAK_ACCESS) {
		session_malformed(s);
		return;
	}
	if (insert)
		ret = breaks_insert(s, (enum break_kind)kind, addr, len);
	else
		breaks_remove(s, (enum break_kind)kind, addr, len);
	if (ret < 0)
		session_break_error(s, ret, kind);
	else
		session_ok(s);
}

static void session_Z(struct gdbstub *s, const char *p)
{
	session_z(s, p, true);
}

static void session_z_off(struct gdbstub *s, const char *p)
{
	session_z(s, p, false);
}

/* ---- threads: one a vCPU, its number counted from 1 */

/* 0 and -1 mean any; false: there is none of that number. */
static bool session_thread(struct gdbstub *s, const char *p, unsigned *cpu)
{
	uint64_t id;

	*cpu = s->current;
	if (!strcmp(p, "-1") || !strcmp(p, "0"))
		return true;
	if (!packet_number(&p, &id) || *p || !id || id > s->m.cpus->n)
		return false;
	*cpu = (unsigned)id - 1;
	return true;
}

static void session_H(struct gdbstub *s, const char *p)
{
	unsigned cpu;

	if ((*p != 'g' && *p != 'c') || !session_thread(s, p + 1, &cpu)) {
		session_error(s, EINVAL, "there is no such vCPU");
		return;
	}
	if (*p == 'g')
		s->current = cpu;
	session_ok(s);
}

static void session_T(struct gdbstub *s, const char *p)
{
	unsigned cpu;

	if (session_thread(s, p, &cpu))
		session_ok(s);
	else
		session_error(s, EINVAL, "there is no such vCPU");
}

static void session_threads(struct gdbstub *s, const char *p)
{
	(void)p;
	for (unsigned i = 0; i < s->m.cpus->n; i++)
		packet_fmt(&s->out, "%c%x", i ? ',' : 'm', i + 1);
}

static const char *session_thread_state(struct vcpu *c)
{
	if (c->stop.kind == STOP_CRASH)
		return "crashed";
	return vcpu_waits(c) ? "off" : "stopped";
}

static void session_thread_info(struct gdbstub *s, const char *p)
{
	char text[64];
	unsigned cpu;

	if (!session_thread(s, p, &cpu)) {
		session_error(s, EINVAL, "there is no such vCPU");
		return;
	}
	snprintf(text, sizeof(text), "vcpu%u, %s", cpu,
		 session_thread_state(&s->m.cpus->cpu[cpu]));
	packet_hex(&s->out, text, strlen(text));
}

static void session_threads_xml(struct gdbstub *s, struct packet_out *xml)
{
	packet_str(xml, "<?xml version=\"1.0\"?><threads>");
	for (unsigned i = 0; i < s->m.cpus->n; i++)
		packet_fmt(xml,
			   "<thread id=\"%x\" core=\"%u\" name=\"vcpu%u\">%s"
			   "</thread>",
			   i + 1, i, i,
			   session_thread_state(&s->m.cpus->cpu[i]));
	packet_str(xml, "</threads>");
}

/* ---- objects that are read piece by piece */

static void session_features_xml(struct gdbstub *s, struct packet_out *xml)
{
	regs_describe(s, xml);
}

static const struct session_object {
	const char *name; /* with its annex */
	void (*write)(struct gdbstub *s, struct packet_out *xml);
} session_objects[] = {
	{ "features:read:target.xml:", session_features_xml },
	{ "threads:read::", session_threads_xml },
	{ "memory-map:read::", memory_map },
};

static void session_xfer(struct gdbstub *s, const char *p)
{
	const struct session_object *o = session_objects;
	const struct session_object *end =
		o + sizeof(session_objects) / sizeof(*session_objects);
	uint64_t off, len;

	while (o < end && strncmp(p, o->name, strlen(o->name)))
		o++;
	if (o == end)
		return; /* empty: there is no such object */
	p += strlen(o->name);
	if (!session_two(&p, &off, &len)) {
		session_malformed(s);
		return;
	}
	if (!off) {
		s->xfer.len = 0;
		o->write(s, &s->xfer);
	}
	if (s->xfer.nomem || off > s->xfer.len) {
		session_error(s, EINVAL, "there is no more of it");
		return;
	}
	if (len > READ_MAX)
		len = READ_MAX;
	packet_str(&s->out, off + len >= s->xfer.len ? "l" : "m");
	if (off + len > s->xfer.len)
		len = s->xfer.len - off;
	packet_put(&s->out, s->xfer.data + off, (size_t)len);
}

/* ---- queries */

static void session_supported(struct gdbstub *s, const char *p)
{
	s->knows_swbreak = strstr(p, "swbreak+");
	s->knows_hwbreak = strstr(p, "hwbreak+");
	s->knows_errors = strstr(p, "error-message+");
	packet_fmt(&s->out,
		   "PacketSize=%x;QStartNoAckMode+;vContSupported+;"
		   "qXfer:features:read+;qXfer:threads:read+;"
		   "qXfer:memory-map:read+;swbreak+;hwbreak+;error-message+",
		   PACKET_MAX);
}

static void session_noack(struct gdbstub *s, const char *p)
{
	(void)p;
	s->noack = true;
	session_ok(s);
}

static void session_attached(struct gdbstub *s, const char *p)
{
	(void)p;
	packet_str(&s->out, "1");
}

static void session_current(struct gdbstub *s, const char *p)
{
	(void)p;
	packet_fmt(&s->out, "QC%x", s->current + 1);
}

static void session_list_end(struct gdbstub *s, const char *p)
{
	(void)p;
	packet_str(&s->out, "l");
}

/*
 * By the first segment of a vmlinux: gdb then moves all of them as far, which
 * it would not do with .init.text and .rodata if it were told an offset.
 */
static void session_offsets(struct gdbstub *s, const char *p)
{
	(void)p;
	if (s->m.kaslr_text)
		packet_fmt(&s->out, "TextSeg=%" PRIx64, s->m.kaslr_text);
}

static void session_monitor(struct gdbstub *s, const char *p)
{
	struct packet_out text = { 0 };
	size_t n = strlen(p) / 2;
	char line[256];

	if (n >= sizeof(line) || strlen(p) % 2 ||
	    !packet_unhex(p, n, (uint8_t *)line)) {
		session_malformed(s);
		return;
	}
	line[n] = 0;
	monitor_run(s, line, &text);
	if (text.len && !text.nomem)
		packet_hex(&s->out, text.data, text.len);
	else if (!s->awaits_reset)
		session_ok(s);
	packet_free(&text);
}

void session_was_reset(struct gdbstub *s)
{
	static const char text[] = "the machine was reset\n";

	if (!s->awaits_reset)
		return;
	s->awaits_reset = false;
	packet_hex(&s->out, text, sizeof(text) - 1);
	server_send(s);
}

/* QEMU's names for these two, which gdb scripts know. */
static void session_physical_set(struct gdbstub *s, const char *p)
{
	s->physical = *p == '1';
	session_ok(s);
}

static void session_physical(struct gdbstub *s, const char *p)
{
	(void)p;
	packet_str(&s->out, s->physical ? "1" : "0");
}

enum { SSTEP_ENABLE = 1, SSTEP_NOIRQ = 2, SSTEP_NOTIMER = 4 };

static void session_sstep_bits(struct gdbstub *s, const char *p)
{
	(void)p;
	packet_fmt(&s->out, "ENABLE=%x,NOIRQ=%x,NOTIMER=%x", SSTEP_ENABLE,
		   SSTEP_NOIRQ, SSTEP_NOTIMER);
}

static void session_sstep(struct gdbstub *s, const char *p)
{
	(void)p;
	packet_fmt(&s->out, "0x%x",
		   SSTEP_ENABLE |
			   (s->step_irqs ? 0 : SSTEP_NOIRQ | SSTEP_NOTIMER));
}

static void session_sstep_set(struct gdbstub *s, const char *p)
{
	uint64_t flags;

	if (!strncmp(p, "0x", 2))
		p += 2;
	if (!packet_number(&p, &flags)) {
		session_malformed(s);
		return;
	}
	s->step_irqs = !(flags & SSTEP_NOIRQ);
	session_ok(s);
}

/* ---- going on, and leaving */

static void session_all(struct gdbstub *s, enum run_action others,
			enum run_action current)
{
	for (unsigned i = 0; i < s->m.cpus->n; i++) {
		s->cpu[i].action = i == s->current ? current : others;
		s->cpu[i].range_start = s->cpu[i].range_end = 0;
	}
	run_resume(s);
}

static void session_c(struct gdbstub *s, const char *p)
{
	(void)p; /* an address or a signal, which nobody sends */
	session_all(s, RUN_GO, RUN_GO);
}

static void session_s(struct gdbstub *s, const char *p)
{
	(void)p;
	session_all(s, RUN_GO, RUN_STEP);
}

static void session_vcont_actions(struct gdbstub *s, const char *p)
{
	(void)p;
	packet_str(&s->out, "vCont;c;C;s;S;t;r");
}

static void session_why(struct gdbstub *s, const char *p)
{
	(void)p;
	run_reason(s);
}

static void session_D(struct gdbstub *s, const char *p)
{
	(void)p;
	session_ok(s);
	server_send(s);
	server_drop(s);
}

static void session_k(struct gdbstub *s, const char *p)
{
	(void)p;
	s->m.request(s->m.opaque, VM_POWEROFF, GDBSTUB_KILLED);
}

static void session_kill(struct gdbstub *s, const char *p)
{
	session_ok(s);
	server_send(s);
	session_k(s, p);
}

/* ---- the table */

static const struct session_command {
	const char *name; /* the packet begins so */
	void (*run)(struct gdbstub *s, const char *rest);
	bool whole;  /* nothing may follow the name */
	bool silent; /* sends for itself, or not at all */
} session_commands[] = {
	{ "qSupported", session_supported, false, false },
	{ "QStartNoAckMode", session_noack, true, false },
	{ "qXfer:", session_xfer, false, false },
	{ "qfThreadInfo", session_threads, true, false },
	{ "qsThreadInfo", session_list_end, true, false },
	{ "qThreadExtraInfo,", session_thread_info, false, false },
	{ "qAttached", session_attached, false, false },
	{ "qOffsets", session_offsets, true, false },
	{ "qC", session_current, true, false },
	{ "qCRC:", session_crc, false, false },
	{ "qRcmd,", session_monitor, false, true },
	{ "qqemu.PhyMemMode", session_physical, true, false },
	{ "Qqemu.PhyMemMode:", session_physical_set, false, false },
	{ "qqemu.sstepbits", session_sstep_bits, true, false },
	{ "qqemu.sstep", session_sstep, true, false },
	{ "Qqemu.sstep=", session_sstep_set, false, false },
	{ "vCont?", session_vcont_actions, true, false },
	{ "vCont", run_vcont, false, true },
	{ "vKill", session_kill, false, true },
	{ "?", session_why, true, true },
	{ "g", session_g, true, false },
	{ "G", session_G, false, false },
	{ "p", session_p, false, false },
	{ "P", session_P, false, false },
	{ "m", session_m, false, false },
	{ "M", session_M, false, false },
	{ "Z", session_Z, false, false },
	{ "z", session_z_off, false, false },
	{ "H", session_H, false, false },
	{ "T", session_T, false, false },
	{ "c", session_c, false, true },
	{ "C", session_c, false, true },
	{ "s", session_s, false, true },
	{ "S", session_s, false, true },
	{ "D", session_D, false, true },
	{ "k", session_k, true, true },
};

void session_begin(struct gdbstub *s)
{
	s->noack = s->physical = s->step_irqs = false;
	s->knows_swbreak = s->knows_hwbreak = s->knows_errors = false;
	s->out.len = s->xfer.len = 0;
}

static const struct session_command *session_find(const char *p)
{
	size_t n = sizeof(session_commands) / sizeof(*session_commands);

	for (size_t i = 0; i < n; i++) {
		const struct session_command *c = &session_commands[i];
		size_t len = strlen(c->name);

		if (!strncmp(p, c->name, len) && (!c->whole || !p[len]))
			return c;
	}
	return NULL;
}

void session_packet(struct gdbstub *s, const uint8_t *data, size_t len)
{
	const char *p = (const char *)data;
	const struct session_command *c = session_find(p);

	/* Only an interrupt means something to a machine that runs. */
	if (s->state != STUB_STOPPED)
		return;
	s->out.len = 0;
	if (*p == 'X') {
		session_X(s, p + 1, data + len);
	} else if (!strncmp(p, "qSearch:memory:", 15)) {
		session_search(s, p + 15, data + len);
	} else if (c) {
		c->run(s, p + strlen(c->name));
		/* What it had to say is said; an error is still to be. */
		if (c->silent && !s->out.len)
			return;
	}
	server_send(s);
}
