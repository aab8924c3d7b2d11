// SPDX-License-Identifier: MIT
/*
 * Exercises every virtio device that the machine has, over either transport,
 * with every kind of ring that it offers.
 *
 * Command line: serial=TEXT what the first disk's id must be; ro: the first
 * disk is read-only; echo: somebody answers on the console; net: a gateway at
 * 10.0.2.2 answers ARP, DHCP and ping; qemu: the devices are QEMU's.  The
 * disks' contents are destroyed.
 */
#include "virtio.h"
#include "arch.h"
#include "blk.h"
#include "guest.h"

static char ctx[48]; /* "pci blk0 packed indirect" */
static uint8_t *data;
#define DATA_SIZE (1u << 20)

static void fill(uint8_t *p, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i += 8) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		*(uint64_t *)(p + i) = seed;
	}
}

static bool is_filled(const uint8_t *p, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i += 8) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		if (get64(p + i) != seed)
			return false;
	}
	return true;
}

static bool is_zero(const uint8_t *p, size_t n)
{
	while (n && !p[n - 1])
		n--;
	return !n;
}

/* --- block */

static bool blk_rw(struct vq *q, uint64_t sector, uint32_t len, unsigned nseg,
		   uint64_t seed)
{
	fill(data, len * nseg, seed);
	if (blk_do(q, BLK_OUT, sector, data, len, nseg) != BLK_OK)
		return false;
	memset(data, 0, len * nseg);
	return blk_do(q, BLK_IN, sector, data, len, nseg) == BLK_OK &&
	       is_filled(data, len * nseg, seed);
}

static void blk_test_limits(struct vdev *v, struct vq *q, uint64_t capacity)
{
	uint8_t id[32] = { 0 };
	const char *serial = cmdline_get("serial");

	tap(blk_do(q, BLK_IN, capacity, data, 512, 1) == BLK_IOERR,
	    "%s: a read past the end is an I/O error", ctx);
	tap(blk_do(q, BLK_IN, capacity - 1, data, 1024, 1) == BLK_IOERR,
	    "%s: a read across the end is an I/O error", ctx);
	tap(blk_do(q, BLK_IN, ~0ull, data, 512, 1) == BLK_IOERR,
	    "%s: a read at the last sector number is an I/O error", ctx);
	tap(blk_do(q, 77, 0, data, 512, 1) == BLK_UNSUPP,
	    "%s: an unknown request is unsupported", ctx);
	tap(blk_do(q, BLK_IN, capacity - 1, data, 512, 1) == BLK_OK,
	    "%s: the last sector can be read", ctx);
	tap(blk_do(q, BLK_GET_ID, 0, id, 20, 1) == BLK_OK, "%s: get-id '%s'",
	    ctx, id);
	if (serial && v == virtio_find(VIRTIO_BLK, 0))
		tap(!strncmp((char *)id, serial, strlen((char *)id)) && id[0],
		    "%s: the id is the serial number", ctx);
}

static void blk_test_ranges(struct vdev *v, struct vq *q)
{
	struct blk_range r = { 64, 64, 0 };

	if (virtio_has(v, BLK_F_FLUSH))
		tap(blk_do(q, BLK_FLUSH, 0, NULL, 0, 0) == BLK_OK, "%s: flush",
		    ctx);
	if (virtio_has(v, BLK_F_WRITE_ZEROES)) {
		fill(data, 65536, 5);
		blk_do(q, BLK_OUT, 32, data, 65536, 1);
		tap(blk_do(q, BLK_WRITE_ZEROES, 0, &r, 16, 1) == BLK_OK,
		    "%s: write-zeroes", ctx);
		memset(data + 65536, 1, 65536);
		blk_do(q, BLK_IN, 32, data + 65536, 65536, 1);
		tap(!memcmp(data, data + 65536, 16384) &&
			    is_zero(data + 65536 + 16384, 32768) &&
			    !memcmp(data + 49152, data + 65536 + 49152, 16384),
		    "%s: zeroes where asked, and nowhere else", ctx);
		r.sector = ~0ull - 8;
		tap(blk_do(q, BLK_WRITE_ZEROES, 0, &r, 16, 1) != BLK_OK,
		    "%s: write-zeroes past the end fails", ctx);
	}
	r = (struct blk_range){ 64, 64, 0 };
	if (virtio_has(v, BLK_F_DISCARD)) {
		tap(blk_do(q, BLK_DISCARD, 0, &r, 16, 1) == BLK_OK,
		    "%s: discard", ctx);
		r.flags = 0x80;
		tap(blk_do(q, BLK_DISCARD, 0, &r, 16, 1) == BLK_UNSUPP,
		    "%s: an unknown discard flag is unsupported", ctx);
	}
}

/* As many requests as the ring takes, completed in any order. */
static void blk_test_depth(struct vq *q)
{
	enum { N = 64 };
	static struct blk_req req[N];
	uint32_t token, len;
	unsigned in = 0, out = 0, bad = 0;
	bool seen[N] = { false };

	fill(data, N * 4096, 99);
	blk_do(q, BLK_OUT, 2048, data, 65536, 4);
	memset(data, 0, N * 4096);
	while (in < N && blk_add(q, &req[in], BLK_IN, 2048 + 8 * in,
				 data + 4096 * in, 4096, 1, in))
		in++;
	vq_kick(q);
	while (out < in && vq_wait(q, &token, &len)) {
		bad += token >= in || seen[token] || len != 4097 ||
		       req[token].status != BLK_OK;
		seen[token % N] = true;
		out++;
	}
	tap(in > 1 && out == in && !bad && is_filled(data, in * 4096, 99),
	    "%s: %u requests at once", ctx, in);
}

static void blk_test_irq(struct vdev *v)
{
	struct vq *q;
	uint32_t token, len, before;
	static struct blk_req r;
	uint64_t start;

	if (!v->pci || !virtio_start(v, F_EVENT_IDX))
		return;
	q = vq_setup(v, 0, 0, true);
	virtio_ok(v);
	before = arch_irq_count(v->irq);
	blk_add(q, &r, BLK_IN, 0, data, 512, 1, 0);
	vq_kick(q);
	start = arch_ticks();
	while (arch_irq_count(v->irq) == before &&
	       arch_ticks() - start < arch_patience())
		arch_relax();
	tap(arch_irq_count(v->irq) != before && vq_get(q, &token, &len),
	    "%s: a completion interrupts by MSI-X", ctx);
	before = arch_irq_count(v->irq);
	pci_msix_mask(v->pci, 0, true);
	blk_add(q, &r, BLK_IN, 0, data, 512, 1, 0);
	vq_kick(q);
	/*
	 * The buffer stays in the ring until the vector pends: taking it would
	 * move used_event on, and a device that looks there after that owes no
	 * interrupt (Virtual I/O Device 1.2, 2.7.7.2).
	 */
	start = arch_ticks();
	while (!pci_msix_pending(v->pci, 0) &&
	       arch_ticks() - start < arch_patience())
		arch_relax();
	tap(pci_msix_pending(v->pci, 0) && arch_irq_count(v->irq) == before,
	    "%s: while it is masked it only pends", ctx);
	pci_msix_mask(v->pci, 0, false);
	start = arch_ticks();
	while (arch_irq_count(v->irq) == before &&
	       arch_ticks() - start < arch_patience())
		arch_relax();
	tap(arch_irq_count(v->irq) != before && vq_get(q, &token, &len) &&
		    !pci_msix_pending(v->pci, 0),
	    "%s: the pending one comes when it is unmasked", ctx);
}

static void blk_test_queue_reset(struct vdev *v, struct vq *q)
{
	/* QEMU 7.2 offers it over MMIO and does not do it. */
	if (!virtio_has(v, F_RING_RESET) || (cmdline_has("qemu") && !v->pci))
		return;
	v->ops->queue_reset(v, 0);
	tap(!v->ops->queue_enabled(v, 0), "%s: a reset queue is disabled", ctx);
	vq_restart(q);
	tap(blk_do(q, BLK_IN, 0, data, 512, 1) == BLK_OK,
	    "%s: and works after it is set up again", ctx);
}

static void blk_test(struct vdev *v, uint64_t ring)
{
	uint64_t capacity;
	struct vq *q;
	unsigned queues;

	if (!tap(virtio_start(v, ring | BLK_F_RO | BLK_F_FLUSH | BLK_F_MQ |
					 BLK_F_DISCARD | BLK_F_WRITE_ZEROES |
					 F_RING_RESET),
		 "%s: feature negotiation", ctx))
		return;
	queues = virtio_has(v, BLK_F_MQ) ? virtio_config16(v, 34) : 1;
	q = vq_setup(v, 0, 0, false);
	for (unsigned i = 1; i < queues && i < 16; i++)
		vq_setup(v, i, 0, false);
	virtio_ok(v);
	capacity = virtio_config64(v, 0);
	if (virtio_has(v, BLK_F_RO)) {
		tap(blk_do(q, BLK_IN, 0, data, 4096, 1) == BLK_OK,
		    "%s: a read-only disk can be read", ctx);
		tap(blk_do(q, BLK_OUT, 0, data, 512, 1) == BLK_IOERR,
		    "%s: and not written", ctx);
		return;
	}
	tap(blk_rw(q, 8, 4096, 1, 1), "%s: write 4 KiB and read it back", ctx);
	tap(blk_rw(q, 100, 1536, 13, 2), "%s: in 13 pieces", ctx);
	tap(blk_rw(q, 4096, DATA_SIZE, 1, 3), "%s: 1 MiB in one piece", ctx);
	for (unsigned i = 1; i < queues && i < 16; i++)
		tap(blk_rw(v->queue[i], 8 * i, 4096, 1, i), "%s: queue %u", ctx,
		    i);
	blk_test_depth(q);
	blk_test_limits(v, q, capacity);
	blk_test_ranges(v, q);
	blk_test_queue_reset(v, q);
	fill(data, 4096, 42); /* for the suite, which looks into the file */
	blk_do(q, BLK_OUT, 8, data, 4096, 1);
}

/* --- network: Ethernet, ARP, DHCP and ICMP by hand */

static const uint8_t net_ip[4] = { 10, 0, 2, 15 };
static const uint8_t net_gateway[4] = { 10, 0, 2, 2 };
static uint8_t net_mac[6];
#define NET_HDR 12
static uint8_t *net_rx[16];

static void put16be(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static uint16_t net_sum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < n; i += 2)
		sum += p[i] << 8 | p[i + 1];
	if (n & 1)
		sum += p[n - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static bool net_send(struct vq *tx, const uint8_t *frame, uint32_t len)
{
	static uint8_t buf[NET_HDR + 1536];
	struct vbuf b[2] = { { buf, NET_HDR, false },
			     { buf + NET_HDR, len, false } };
	uint32_t token, wrote;

	memset(buf, 0, NET_HDR);
	memcpy(buf + NET_HDR, frame, len);
	if (!vq_add(tx, b, 2, 0))
		return false;
	vq_kick(tx);
	return vq_wait(tx, &token, &wrote);
}

/* Waits for a frame that want() likes; gives all buffers back. */
static bool net_receive(struct vq *rx, bool (*want)(const uint8_t *, uint32_t))
{
	uint64_t start = arch_ticks();
	uint32_t token, len;
	bool found = false;

	while (!found && arch_ticks() - start < arch_patience()) {
		if (!vq_get(rx, &token, &len))
			continue;
		if (len > NET_HDR)
			found = want(net_rx[token] + NET_HDR, len - NET_HDR);
		vq_add(rx, &(struct vbuf){ net_rx[token], 2048, true }, 1,
		       token);
		vq_kick(rx);
	}
	return found;
}

static bool net_is_arp(const uint8_t *f, uint32_t len)
{
	return len >= 42 && f[12] == 8 && f[13] == 6 && f[21] == 2 &&
	       !memcmp(f + 28, net_gateway, 4);
}

static bool net_is_pong(const uint8_t *f, uint32_t len)
{
	return len >= 42 + 1000 && f[23] == 1 && f[34] == 0 &&
	       is_filled(f + 42, 1000, 7);
}

static bool net_is_offer(const uint8_t *f, uint32_t len)
{
	return len >= 282 && f[23] == 17 && f[34] == 0 && f[35] == 67 &&
	       f[42] == 2 && !memcmp(f + 58, net_ip, 4);
}

/* Fills the Ethernet and IP headers of a frame with n bytes behind them. */
static void net_ip_header(uint8_t *f, uint8_t proto, const uint8_t *src,
			  const uint8_t *dst, unsigned n)
{
	put16be(f + 12, 0x0800);
	f[14] = 0x45;
	put16be(f + 16, 20 + n);
	f[22] = 64;
	f[23] = proto;
	memcpy(f + 26, src, 4);
	memcpy(f + 30, dst, 4);
	put16be(f + 24, net_sum(f + 14, 20));
}

static bool net_test_arp(struct vq *rx, struct vq *tx)
{
	uint8_t f[60] = { 0 };
	static const uint8_t head[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	memset(f, 0xff, 6);
	memcpy(f + 6, net_mac, 6);
	put16be(f + 12, 0x0806);
	memcpy(f + 14, head, 8);
	memcpy(f + 22, net_mac, 6);
	memcpy(f + 28, net_ip, 4);
	memcpy(f + 38, net_gateway, 4);
	return net_send(tx, f, sizeof(f)) && net_receive(rx, net_is_arp);
}

static bool net_test_ping(struct vq *rx, struct vq *tx)
{
	static uint8_t f[42 + 1000];
	static const uint8_t slirp[6] = { 0x52, 0x55, 10, 0, 2, 2 };

	memset(f, 0, 42);
	memcpy(f, slirp, 6);
	memcpy(f + 6, net_mac, 6);
	net_ip_header(f, 1, net_ip, net_gateway, 8 + 1000);
	f[34] = 8;
	put16be(f + 38, 0x1234);
	fill(f + 42, 1000, 7);
	put16be(f + 36, 0);
	put16be(f + 36, net_sum(f + 34, 8 + 1000));
	return net_send(tx, f, sizeof(f)) && net_receive(rx, net_is_pong);
}

static bool net_test_dhcp(struct vq *rx, struct vq *tx)
{
	static uint8_t f[14 + 20 + 8 + 300];
	static const uint8_t none[4], all[4] = { 255, 255, 255, 255 };
	static const uint8_t options[8] = { 0x63, 0x82, 0x53, 0x63,
					    53,	  1,	1,    255 };

	memset(f, 0, sizeof(f));
	memset(f, 0xff, 6);
	memcpy(f + 6, net_mac, 6);
	net_ip_header(f, 17, none, all, 8 + 300);
	put16be(f + 34, 68);
	put16be(f + 36, 67);
	put16be(f + 38, 8 + 300);
	f[42] = 1;
	f[43] = 1;
	f[44] = 6;
	memcpy(f + 70, net_mac, 6);
	memcpy(f + 278, options, 8);
	return net_send(tx, f, sizeof(f)) && net_receive(rx, net_is_offer);
}

static void net_test(struct vdev *v, uint64_t ring)
{
	struct vq *rx, *tx;

	if (!tap(virtio_start(v, ring | BIT64(5) | BIT64(15)),
		 "%s: feature negotiation", ctx))
		return;
	for (unsigned i = 0; i < 6; i++)
		net_mac[i] = virtio_config8(v, i);
	tap(!is_zero(net_mac, 6) && !(net_mac[0] & 1),
	    "%s: MAC %02x:%02x:%02x:%02x:%02x:%02x", ctx, net_mac[0],
	    net_mac[1], net_mac[2], net_mac[3], net_mac[4], net_mac[5]);
	rx = vq_setup(v, 0, 64, false);
	tx = vq_setup(v, 1, 64, false);
	virtio_ok(v);
	for (unsigned i = 0; i < ARRAY_SIZE(net_rx); i++) {
		if (!net_rx[i])
			net_rx[i] = alloc(2048, 64);
		vq_add(rx, &(struct vbuf){ net_rx[i], 2048, true }, 1, i);
	}
	vq_kick(rx);
	if (!cmdline_has("net"))
		return;
	tap(net_test_arp(rx, tx), "%s: the gateway answers ARP", ctx);
	tap(net_test_dhcp(rx, tx), "%s: DHCP offers 10.0.2.15", ctx);
	tap(net_test_ping(rx, tx), "%s: the gateway answers a ping", ctx);
}

/* --- console, entropy, balloon */

static void console_test(struct vdev *v, uint64_t ring)
{
	static char text[64], in[64];
	struct vq *rx, *tx;
	uint32_t token, len;

	if (!tap(virtio_start(v, ring), "%s: feature negotiation", ctx))
		return;
	rx = vq_setup(v, 0, 0, false);
	tx = vq_setup(v, 1, 0, false);
	virtio_ok(v);
	vq_add(rx, &(struct vbuf){ in, sizeof(in), true }, 1, 0);
	vq_kick(rx);
	snprintf(text, sizeof(text), "hello from %s\n", ctx);
	vq_add(tx, &(struct vbuf){ text, strlen(text), false }, 1, 0);
	vq_kick(tx);
	tap(vq_wait(tx, &token, &len) && !len, "%s: output is taken", ctx);
	if (!cmdline_has("echo"))
		return;
	if (!tap(vq_wait(rx, &token, &len) && len && len <= sizeof(in),
		 "%s: input arrives", ctx))
		return;
	vq_add(tx, &(struct vbuf){ in, len, false }, 1, 0);
	vq_kick(tx);
	tap(vq_wait(tx, &token, &len), "%s: and is sent back", ctx);
}

/* --- a console's ports [5.3] */

#define CON_F_MULTIPORT BIT64(1)
#define CON_MAX_PORTS	4 /* that we look at */
enum { CON_CTRL_IN = 2, CON_CTRL_OUT = 3 };
enum {
	CON_READY = 0,
	CON_ADD = 1,
	CON_PORT_READY = 3,
	CON_IS_CONSOLE = 4,
	CON_OPEN = 6,
	CON_NAME = 7,
};

struct con_msg {
	uint32_t port;
	uint16_t event, value;
	char name[56];
};

static struct con_port {
	bool added, console, open;
	char name[56];
} con_ports[CON_MAX_PORTS];

static bool con_tell(struct vq *out, uint32_t port, uint16_t event,
		     uint16_t value)
{
	static struct con_msg m;
	uint32_t token, len;

	m = (struct con_msg){ .port = port, .event = event, .value = value };
	vq_add(out, &(struct vbuf){ &m, 8, false }, 1, 0);
	vq_kick(out);
	return vq_wait(out, &token, &len);
}

/* Takes messages until one says this of that port. */
static bool con_hear(struct vq *in, struct con_msg *buf, uint32_t port,
		     uint16_t event)
{
	uint32_t token, len;

	while (vq_wait(in, &token, &len)) {
		struct con_msg m = buf[token];

		memset(&buf[token], 0, sizeof(*buf));
		vq_add(in, &(struct vbuf){ &buf[token], sizeof(*buf), true }, 1,
		       token);
		vq_kick(in);
		if (m.port >= CON_MAX_PORTS || len < 8)
			continue;
		con_ports[m.port].added |= m.event == CON_ADD;
		con_ports[m.port].console |= m.event == CON_IS_CONSOLE;
		con_ports[m.port].open |= m.event == CON_OPEN && m.value;
		if (m.event == CON_NAME)
			memcpy(con_ports[m.port].name, m.name, len - 8);
		if (m.port == port && m.event == event)
			return true;
	}
	return false;
}

static void con_test_port(struct vdev *v, unsigned n, struct vq *out)
{
	unsigned queue = n ? 2 + 2 * n : 0;
	static char text[64], in[64];
	uint32_t token, len;
	struct vq *rx = v->queue[queue], *tx = v->queue[queue + 1];

	con_tell(out, n, CON_OPEN, 1);
	vq_add(rx, &(struct vbuf){ in, sizeof(in), true }, 1, 0);
	vq_kick(rx);
	snprintf(text, sizeof(text), "port %u says hello from %s\n", n, ctx);
	vq_add(tx, &(struct vbuf){ text, strlen(text), false }, 1, 0);
	vq_kick(tx);
	tap(vq_wait(tx, &token, &len) && !len, "%s: port %u takes output", ctx,
	    n);
	if (strcmp(con_ports[n].name, "echo"))
		return;
	tap(vq_wait(rx, &token, &len) && len <= strlen(text) && len &&
		    !memcmp(in, text, len),
	    "%s: port %u, which echoes, gives it back", ctx, n);
}

static void console_ports_test(struct vdev *v, uint64_t ring)
{
	enum { MESSAGES = 8 };
	static struct con_msg buf[MESSAGES];
	unsigned ports, good = 0;
	struct vq *in, *out;

	if (!(v->ops->features(v) & CON_F_MULTIPORT) ||
	    !tap(virtio_start(v, ring | CON_F_MULTIPORT),
		 "%s: multiport negotiation", ctx))
		return;
	ports = virtio_config32(v, 4);
	tap(ports >= 1 && ports <= 16, "%s: at most %u ports", ctx, ports);
	ports = ports > CON_MAX_PORTS ? CON_MAX_PORTS : ports;
	for (unsigned i = 0; i < 2 + 2 * ports; i++)
		vq_setup(v, i, 0, false);
	in = v->queue[CON_CTRL_IN];
	out = v->queue[CON_CTRL_OUT];
	memset(con_ports, 0, sizeof(con_ports));
	virtio_ok(v);
	for (unsigned i = 0; i < MESSAGES; i++)
		vq_add(in, &(struct vbuf){ &buf[i], sizeof(buf[i]), true }, 1,
		       i);
	vq_kick(in);
	con_tell(out, 0, CON_READY, 1);
	for (unsigned i = 0; i < ports; i++)
		good += con_hear(in, buf, i, CON_ADD);
	tap(good == ports, "%s: %u ports are added", ctx, good);
	con_tell(out, 99, CON_PORT_READY, 1);
	con_tell(out, 0, 77, 1);
	good = 0;
	for (unsigned i = 0; i < ports; i++) {
		con_tell(out, i, CON_PORT_READY, 1);
		good += con_hear(in, buf, i, CON_OPEN) && con_ports[i].open;
		printf("# port %u: %s '%s'\n", i,
		       con_ports[i].console ? "console" : "port",
		       con_ports[i].name);
	}
	tap(good == ports && con_ports[0].console,
	    "%s: each is open, the first a console", ctx);
	for (unsigned i = 0; i < ports; i++)
		con_test_port(v, i, out);
}

static void console_tests(struct vdev *v, uint64_t ring)
{
	console_test(v, ring);
	console_ports_test(v, ring);
}

static void rng_test(struct vdev *v, uint64_t ring)
{
	static uint8_t a[64], b[64];
	uint32_t token, len = 0;
	struct vq *q;

	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	if (!tap(virtio_start(v, ring), "%s: feature negotiation", ctx))
		return;
	q = vq_setup(v, 0, 0, false);
	virtio_ok(v);
	vq_add(q, &(struct vbuf){ a, 64, true }, 1, 0);
	vq_kick(q);
	tap(vq_wait(q, &token, &len) && len && len <= 64, "%s: %u bytes", ctx,
	    len);
	vq_add(q, &(struct vbuf){ b, 64, true }, 1, 0);
	vq_kick(q);
	tap(vq_wait(q, &token, &len) && len && memcmp(a, b, 64),
	    "%s: others the second time", ctx);
}

static void balloon_test(struct vdev *v, uint64_t ring)
{
	enum { PAGES = 256 };
	static uint32_t pfn[PAGES];
	uint8_t *pages = alloc(PAGES * 4096, 4096);
	uint32_t token, len;
	struct vq *inflate, *deflate;

	if (!tap(virtio_start(v, ring | BIT64(2)), "%s: feature negotiation",
		 ctx))
		return;
	inflate = vq_setup(v, 0, 0, false);
	deflate = vq_setup(v, 1, 0, false);
	virtio_ok(v);
	memset(pages, 0xaa, PAGES * 4096);
	for (unsigned i = 0; i < PAGES; i++)
		pfn[i] = ((uintptr_t)pages >> 12) + i;
	vq_add(inflate, &(struct vbuf){ pfn, sizeof(pfn), false }, 1, 0);
	vq_kick(inflate);
	tap(vq_wait(inflate, &token, &len), "%s: inflate by 1 MiB", ctx);
	mmio_write32(v->config + 4, PAGES);
	tap(virtio_config32(v, 4) == PAGES, "%s: actual is what was written",
	    ctx);
	vq_add(deflate, &(struct vbuf){ pfn, sizeof(pfn), false }, 1, 0);
	vq_kick(deflate);
	tap(vq_wait(deflate, &token, &len), "%s: deflate", ctx);
	memset(pages, 0x55, PAGES * 4096);
	tap(pages[0] == 0x55 && pages[PAGES * 4096 - 1] == 0x55,
	    "%s: the pages work again", ctx);
	for (unsigned i = 0; i < PAGES; i++)
		pfn[i] = 0xfffffff0 + i % 16;
	vq_add(inflate, &(struct vbuf){ pfn, sizeof(pfn), false }, 1, 0);
	vq_kick(inflate);
	tap(vq_wait(inflate, &token, &len),
	    "%s: pages outside memory are ignored", ctx);
}

#define BALLOON_F_STATS	    BIT64(1)
#define BALLOON_F_REPORTING BIT64(5)

/* The device keeps the last statistics, and gives a buffer back for another. */
static void balloon_stats_test(struct vq *q)
{
	static struct {
		uint16_t tag;
		uint64_t value;
	} __attribute__((packed)) stat[2][3] = {
		{ { 4, 1 << 20 }, { 5, 64 << 20 }, { 999, 1 } },
		{ { 4, 2 << 20 }, { 5, 64 << 20 }, { 6, 3 << 20 } },
	};
	uint32_t token = 9, len;

	for (unsigned i = 0; i < 2; i++) {
		vq_add(q, &(struct vbuf){ stat[i], sizeof(stat[i]), false }, 1,
		       i);
		vq_kick(q);
	}
	tap(vq_wait(q, &token, &len) && token == 0 && len == 0,
	    "%s: statistics are exchanged for newer ones", ctx);
	tap(!vq_get(q, &token, &len), "%s: which the device keeps", ctx);
}

/* Pages that are reported as free lose what is in them. */
static void balloon_report_test(struct vq *q)
{
	enum { PIECE = 1 << 20 };
	uint8_t *a = alloc(2 * PIECE, 2 << 20), *b = a + PIECE;
	struct vbuf free[2] = { { a, PIECE / 2, true }, { b, PIECE, true } };
	uint32_t token, len;

	memset(a, 0xaa, 2 * PIECE);
	vq_add(q, free, 2, 0);
	vq_kick(q);
	if (!tap(vq_wait(q, &token, &len), "%s: free pages are reported", ctx))
		return;
	tap(is_zero(a, PIECE / 2) && is_zero(b, PIECE),
	    "%s: the host has taken them", ctx);
	tap(a[PIECE / 2] == 0xaa && b[-1] == 0xaa,
	    "%s: and nothing beside them", ctx);
	memset(a, 0x55, PIECE / 2);
	tap(a[0] == 0x55 && a[PIECE / 2 - 1] == 0x55,
	    "%s: they are there when they are used again", ctx);
}

static void balloon_tests(struct vdev *v, uint64_t ring)
{
	struct vq *stats, *report;

	balloon_test(v, ring);
	if (!tap(virtio_start(v, ring | BALLOON_F_STATS | BALLOON_F_REPORTING),
		 "%s: negotiation of the rest", ctx))
		return;
	for (unsigned i = 0; i < 2; i++)
		vq_setup(v, i, 0, false);
	stats = virtio_has(v, BALLOON_F_STATS) ? vq_setup(v, 2, 0, false)
					       : NULL;
	/* Number 4; QEMU, and Linux before 6.11, count what they use. */
	report = vq_setup(v, 4, 0, false);
	if (!report)
		report = vq_setup(v, stats ? 3 : 2, 0, false);
	virtio_ok(v);
	if (stats)
		balloon_stats_test(stats);
	if (virtio_has(v, BALLOON_F_REPORTING))
		balloon_report_test(report);
}

static const struct {
	uint16_t id;
	const char *name;
	void (*run)(struct vdev *v, uint64_t ring);
} tests[] = {
	{ VIRTIO_BLK, "blk", blk_test },
	{ VIRTIO_NET, "net", net_test },
	{ VIRTIO_CONSOLE, "console", console_tests },
	{ VIRTIO_RNG, "rng", rng_test },
	{ VIRTIO_BALLOON, "balloon", balloon_tests },
};

static void test_device(struct vdev *v, unsigned t, unsigned nth)
{
	static const struct {
		uint64_t features;
		const char *name;
	} rings[] = {
		{ 0, "split" },
		{ F_INDIRECT | F_EVENT_IDX, "split indirect event" },
		{ F_RING_PACKED, "packed" },
		{ F_RING_PACKED | F_INDIRECT | F_EVENT_IDX,
		  "packed indirect event" },
	};
	uint64_t offered = v->ops->features(v);

	tap(offered & F_VERSION_1, "%s %s%u offers VERSION_1",
	    virtio_transport(v), tests[t].name, nth);
	for (unsigned i = 0; i < ARRAY_SIZE(rings); i++) {
		if (rings[i].features & ~offered)
			continue;
		snprintf(ctx, sizeof(ctx), "%s %s%u %s", virtio_transport(v),
			 tests[t].name, nth, rings[i].name);
		tests[t].run(v, rings[i].features);
		tap(!(v->ops->status(v) & STATUS_NEEDS_RESET),
		    "%s: the device is content", ctx);
	}
	if (v->id == VIRTIO_BLK)
		blk_test_irq(v);
	tap(virtio_reset(v), "%s: reset", ctx);
}

int guest_main(void)
{
	unsigned found = 0;

	virtio_scan();
	data = alloc(DATA_SIZE, 4096);
	arch_irq_enable();
	for (unsigned t = 0; t < ARRAY_SIZE(tests); t++) {
		struct vdev *v;

		for (unsigned n = 0; (v = virtio_find(tests[t].id, n)); n++) {
			test_device(v, t, n);
			found++;
		}
	}
	tap(found > 0, "%u virtio devices were found", found);
	return tap_done();
}
