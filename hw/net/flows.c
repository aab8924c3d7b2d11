/* SPDX-License-Identifier: MIT */
/* What a guest's connections through a user network cost, and their limit. */
#include "hw/net/flows.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "hw/core/log.h"

/* Descriptors that everything else in this process may need. */
#define FLOWS_OTHERS 512

/*
 * What a flow may keep in its two buffers, and all of them beside; how many
 * bytes of frames may go by between two looks, and what each costs at least.
 */
#define FLOW_MEMORY   (256u << 10)
#define FLOWS_MEMORY  (64u << 20)
#define FLOWS_MEASURE (8u << 20)
#define FRAME_COST    2048

enum { ETH_IPV4 = 0x0800, ETH_IPV6 = 0x86dd };
enum { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17 };
enum { TCP_SYN = 2, TCP_ACK = 16 };
enum { DHCP_SERVER = 67 };
#define ICMP_ECHO_REQUEST 8

/* ---- descriptors */

/* Of all user networks; the main thread's. */
static unsigned long flows_promised;

static unsigned flows_afford(const char *who, unsigned max)
{
	rlim_t others = FLOWS_OTHERS + flows_promised, need = others + max;
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) < 0 || lim.rlim_cur >= need)
		return max;
	lim.rlim_cur = lim.rlim_max < need ? lim.rlim_max : need;
	if (setrlimit(RLIMIT_NOFILE, &lim) < 0)
		getrlimit(RLIMIT_NOFILE, &lim);
	if (lim.rlim_cur >= need)
		return max;
	/* Half of what there is, where it is that little. */
	max = (unsigned)(lim.rlim_cur >= 2 * others ? lim.rlim_cur - others
						    : lim.rlim_cur / 2);
	log_warn("%s: %u flows at a time, for this process may open %llu files "
		 "only: raise that limit (ulimit -Hn)",
		 who, max, (unsigned long long)lim.rlim_cur);
	return max;
}

static size_t flows_allocated(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

int flows_init(struct flows *f, const char *who, unsigned max, unsigned spare,
	       struct err *err)
{
	max = flows_afford(who, max);
	*f = (struct flows){ .max = max,
			     .cap = max + spare,
			     .allocated = flows_allocated };
	f->most = f->allocated() + FLOWS_MEMORY + (size_t)max * FLOW_MEMORY;
	f->flow = calloc(f->cap, sizeof(*f->flow));
	if (!f->flow)
		return err_nomem(err, "a user network");
	flows_promised += f->max;
	return 0;
}

void flows_free(struct flows *f)
{
	if (f->flow)
		flows_promised -= f->max;
	free(f->flow);
	f->flow = NULL;
}

void flows_opened(struct flows *f, int fd)
{
	if (fd >= 0 && f->n < f->cap)
		f->flow[f->n++] = (struct flow){ fd, f->now };
}

void flows_closed(struct flows *f, int fd)
{
	for (unsigned i = 0; i < f->n; i++)
		if (f->flow[i].fd == fd) {
			f->flow[i] = f->flow[--f->n];
			return;
		}
}

/* ---- frames */

/* What matters of an IP packet. */
struct flow_packet {
	struct flow_key from;
	unsigned proto;
	bool fragment, broadcast;
	const uint8_t *data; /* of proto */
	size_t len;
};

static unsigned be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static bool flow_parse4(const uint8_t *ip, size_t len, struct flow_packet *p)
{
	size_t head = len ? (ip[0] & 15u) * 4 : 0;

	if (len < 20 || head < 20 || len < head)
		return false;
	p->from.family = 4;
	memcpy(p->from.addr, ip + 12, 4);
	p->proto = ip[9];
	p->fragment = be16(ip + 6) & 0x3fff; /* more of them, or an offset */
	p->broadcast = memcmp(ip + 16, "\xff\xff\xff\xff", 4) == 0;
	p->data = ip + head;
	p->len = len - head;
	return true;
}

static bool flow_parse6(const uint8_t *ip, size_t len, struct flow_packet *p)
{
	if (len < 40)
		return false;
	p->from.family = 6;
	memcpy(p->from.addr, ip + 8, 16);
	p->proto = ip[6];
	p->data = ip + 40;
	p->len = len - 40;
	return true;
}

/* False when it is no IP packet, or too short. */
static bool flow_parse(const uint8_t *frame, size_t len, struct flow_packet *p)
{
	*p = (struct flow_packet){ 0 };
	if (len < 14)
		return false;
	switch (be16(frame + 12)) {
	case ETH_IPV4: return flow_parse4(frame + 14, len - 14, p);
	case ETH_IPV6: return flow_parse6(frame + 14, len - 14, p);
	default: return false;
	}
}

static bool flows_knows(const struct flows *f, const struct flow_key *k)
{
	for (unsigned i = 0; i < f->n; i++) {
		const struct flow_key *o = &f->flow[i].key;

		if (o->family == k->family && o->port == k->port &&
		    memcmp(o->addr, k->addr, sizeof(o->addr)) == 0)
			return true;
	}
	return false;
}

/* In doubt it would: a fragment may complete anything. */
static bool flows_would_open(const struct flows *f, const struct flow_packet *p)
{
	switch (p->proto) {
	case IP_ICMP:
		return p->fragment || !p->len ||
		       p->data[0] == ICMP_ECHO_REQUEST;
	case IP_TCP:
		return p->fragment || p->len < 14 ||
		       (p->data[13] & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	case IP_UDP:
		if (p->fragment || p->len < 4)
			return true;
		if (p->broadcast && be16(p->data + 2) == DHCP_SERVER)
			return false;
		return !flows_knows(f, &p->from);
	default: return false;
	}
}

/* A frame that is dropped counts, too: it brings the next look nearer. */
static bool flows_have_memory(struct flows *f, size_t len)
{
	f->unmeasured += len + FRAME_COST;
	if (f->unmeasured >= FLOWS_MEASURE) {
		f->unmeasured = 0;
		f->swollen = f->allocated() > f->most;
	}
	return !f->swollen;
}

bool flows_begin(struct flows *f, const uint8_t *frame, size_t len)
{
	struct flow_packet p;

	f->now = (struct flow_key){ 0 };
	if (!flows_have_memory(f, len))
		return false;
	if (!flow_parse(frame, len, &p))
		return true;
	if (p.proto == IP_UDP && !p.fragment && p.len >= 4)
		p.from.port = (uint16_t)be16(p.data);
	else
		p.from.family =
			0; /* the others are not found by their source */
	if (flows_full(f) && flows_would_open(f, &p))
		return false;
	f->now = p.from;
	return true;
}

void flows_end(struct flows *f)
{
	f->now = (struct flow_key){ 0 };
}
