/* SPDX-License-Identifier: MIT */
/* User-mode network: a guest made of hand-written frames. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hw/net/netdev.h"
#include "tests/support/frames.h"
#include "tests/test.h"

/* A guest: the last frame of each kind that it saw. */
struct guest {
	struct loop *loop;
	struct netdev *nd;
	uint8_t mac[6];
	unsigned readable;
	uint8_t buf[2048];
	ssize_t len; /* of buf, header included; 0: nothing yet */
	bool (*want)(const uint8_t *frame, size_t len);
};

static void guest_readable(void *opaque, unsigned q)
{
	struct guest *g = opaque;
	uint8_t buf[2048];
	/* split where the header ends, and inside the frame */
	struct iovec iov[3] = { { buf, 12 },
				{ buf + 12, 9 },
				{ buf + 21, 2027 } };
	ssize_t n;

	CHECK_EQ(q, 0);
	g->readable++;
	while ((n = netdev_recv(g->nd, 0, iov, 3)) != -EAGAIN) {
		CHECK(n >= NETDEV_HDR + 14);
		if (g->len || !g->want(buf + 12, (size_t)n - 12))
			continue;
		memcpy(g->buf, buf, sizeof(buf));
		g->len = n;
	}
}

static void guest_init(struct guest *g, const char *opts)
{
	static const uint8_t mac[6] = { 0x52, 0x54, 0, 1, 2, 3 };
	struct netdev_config c = { 0 };
	struct err err = { 0 };
	struct netdev_client client = { .readable = guest_readable,
					.opaque = g };

	*g = (struct guest){ 0 };
	memcpy(g->mac, mac, 6);
	CHECK(prop_parse(&c, net_props, "kind", opts, &err) == 0);
	g->loop = loop_new(&err);
	g->nd = netdev_open(&c, &err);
	netdev_config_free(&c);
	if (!g->nd && strstr(err.msg, "libslirp"))
		SKIP_TEST(err.msg);
	CHECK(g->nd != NULL);
	CHECK(netdev_attach(g->nd, &client, &g->loop, &err) == 0);
	netdev_interest(g->nd, 0, true, false);
}

static void guest_destroy(struct guest *g)
{
	netdev_detach(g->nd);
	netdev_close(g->nd);
	loop_free(g->loop);
}

struct guest_rounds {
	struct loop *loop;
	int left;
};

static bool guest_round(void *opaque)
{
	struct guest_rounds *r = opaque;

	if (--r->left < 0)
		loop_stop(r->loop);
	return true;
}

static void guest_poll(struct guest *g)
{
	struct guest_rounds r = { g->loop, 8 };
	struct loop_idle i = { .run = guest_round, .opaque = &r };

	loop_idle_add(g->loop, &i);
	loop_run(g->loop);
	loop_idle_del(g->loop, &i);
}

/* The first frame that want() likes, or NULL after ten seconds. */
static uint8_t *guest_wait(struct guest *g,
			   bool (*want)(const uint8_t *frame, size_t len))
{
	g->want = want;
	g->len = 0;
	for (int i = 0; i < 5000 && !g->len; i++) {
		guest_poll(g);
		if (!g->len)
			usleep(2000);
	}
	return g->len ? g->buf + 12 : NULL;
}

static void guest_send(struct guest *g, const uint8_t *frame, size_t len)
{
	uint8_t buf[2048] = { 0 };
	struct iovec iov[2] = { { buf, 20 }, { buf + 20, len - 8 } };

	memcpy(buf + 12, frame, len);
	CHECK(netdev_send(g->nd, 0, iov, 2) == 0);
}

static bool want_none(const uint8_t *f, size_t len)
{
	(void)f;
	(void)len;
	return false;
}

static bool want_arp_reply(const uint8_t *f, size_t len)
{
	return len >= 42 && f[12] == 8 && f[13] == 6 && f[21] == 2;
}

static bool want_arp_request(const uint8_t *f, size_t len)
{
	return len >= 42 && f[12] == 8 && f[13] == 6 && f[21] == 1;
}

static bool want_udp(const uint8_t *f, size_t len)
{
	return len >= 42 && f[12] == 8 && f[13] == 0 && f[23] == 17;
}

TEST(user_net_answers_arp_for_its_router)
{
	struct guest g;
	uint8_t f[64], *r;

	guest_init(&g, "user");
	guest_send(&g, f,
		   frame_arp(f, 1, g.mac, "10.0.2.15", NULL, "10.0.2.2"));
	r = guest_wait(&g, want_arp_reply);
	CHECK(r != NULL);
	CHECK_MEM(r, g.mac, 6);
	CHECK_EQ(r[31], 2);    /* the answering address: 10.0.2.2 */
	CHECK_EQ(g.buf[0], 0); /* the header is empty */
	CHECK_EQ(g.buf[1], 0);
	guest_destroy(&g);
}

/* A DHCP discover [RFC 2131, 2]: 236 fixed bytes, cookie, options. */
static size_t dhcp_discover(uint8_t *p, const uint8_t *mac)
{
	static const uint8_t options[] = { 99, 130, 83, 99, 53, 1, 1, 255 };

	memset(p, 0, 300);
	p[0] = 1; /* request */
	p[1] = 1; /* Ethernet */
	p[2] = 6;
	p[4] = 0x42;
	memcpy(p + 28, mac, 6);
	memcpy(p + 236, options, sizeof(options));
	return 300;
}

TEST(user_net_gives_an_address_by_dhcp)
{
	static const uint8_t any[6] = { 255, 255, 255, 255, 255, 255 };
	struct guest g;
	uint8_t f[512], dhcp[300], *r;

	guest_init(&g, "user,net=192.168.77.0/24");
	guest_send(&g, f,
		   frame_udp(f, g.mac, any, "0.0.0.0", "255.255.255.255", 68,
			     67, dhcp, dhcp_discover(dhcp, g.mac)));
	r = guest_wait(&g, want_udp);
	CHECK(r != NULL);
	CHECK_EQ(r[42], 2);	   /* reply */
	CHECK_EQ(r[42 + 16], 192); /* yiaddr */
	CHECK_EQ(r[42 + 18], 77);
	CHECK_EQ(r[42 + 19], 15);
	guest_destroy(&g);
}

/* A free UDP port of the host's loopback. */
static int free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	close(fd);
	return ntohs(a.sin_port);
}

TEST(user_net_forwards_a_host_port_there_and_back)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct guest g;
	int fd, port = free_port();
	uint8_t f[256], reply[6] = { 0 }, router[6], *r;
	char opts[96], text[16] = { 0 };
	uint16_t sport;

	snprintf(opts, sizeof(opts), "user,hostfwd=udp:127.0.0.1:%d-:7", port);
	guest_init(&g, opts);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)port);
	CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	CHECK_EQ(send(fd, "ping", 4, 0), 4);
	/* it looks for the guest first */
	r = guest_wait(&g, want_arp_request);
	CHECK(r != NULL);
	memcpy(router, r + 22, 6);
	guest_send(&g, f,
		   frame_arp(f, 2, g.mac, "10.0.2.15", router, "10.0.2.2"));
	CHECK_EQ(send(fd, "ping", 4, 0), 4);
	r = guest_wait(&g, want_udp);
	CHECK(r != NULL);
	CHECK_EQ(r[36] << 8 | r[37], 7);
	CHECK_MEM(r + 42, "ping", 4);
	sport = (uint16_t)(r[34] << 8 | r[35]);
	memcpy(reply, "pong", 4);
	guest_send(&g, f,
		   frame_udp(f, g.mac, router, "10.0.2.15", "10.0.2.2", 7,
			     sport, reply, 4));
	g.want = want_none;
	for (int i = 0; i < 5000 && recv(fd, text, 15, 0) < 0; i++) {
		guest_poll(&g);
		usleep(2000);
	}
	CHECK_STR(text, "pong");
	close(fd);
	guest_destroy(&g);
}

TEST(user_net_forwards_a_tcp_connection_to_the_guest)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct guest g;
	int fd, port = free_port();
	char opts[96];
	uint8_t *r;

	snprintf(opts, sizeof(opts), "user,hostfwd=:127.0.0.1:%d-:22", port);
	guest_init(&g, opts);
	guest_poll(&g);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)port);
	CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 ||
	      errno == EINPROGRESS);
	r = guest_wait(&g, want_arp_request);
	CHECK(r != NULL);
	CHECK_EQ(r[41], 15); /* who has 10.0.2.15 */
	close(fd);
	guest_destroy(&g);
}

TEST(user_net_survives_bad_frames)
{
	struct guest g;
	static uint8_t big[70000];
	uint8_t f[64];
	struct iovec iov[2] = { { big, 4 }, { big + 4, 0 } };

	guest_init(&g, "user");
	g.want = want_none;
	for (size_t len = 0; len < 64; len++) {
		memset(f, (int)len, sizeof(f));
		iov[1] = (struct iovec){ f, len };
		CHECK(netdev_send(g.nd, 0, iov, 2) == 0);
	}
	iov[1] = (struct iovec){ big + 4, sizeof(big) - 4 };
	CHECK(netdev_send(g.nd, 0, iov, 2) == 0);
	/* an IP header that promises more than there is */
	memset(big, 0, sizeof(big));
	frame_udp(big + 12, g.mac, g.mac, "10.0.2.15", "10.0.2.2", 1, 2, f, 8);
	big[12 + 16] = 0xff;
	iov[0] = (struct iovec){ big, 60 };
	CHECK(netdev_send(g.nd, 0, iov, 1) == 0);
	guest_poll(&g);
	guest_destroy(&g);
}

TEST(user_net_holds_frames_until_the_guest_reads)
{
	struct guest g;
	uint8_t f[64];
	struct iovec cut = { g.buf, 20 };

	guest_init(&g, "user");
	netdev_interest(g.nd, 0, false, false);
	for (int i = 0; i < 3000; i++)
		guest_send(
			&g, f,
			frame_arp(f, 1, g.mac, "10.0.2.15", NULL, "10.0.2.2"));
	guest_poll(&g);
	CHECK_EQ(g.readable, 0);
	CHECK_EQ(netdev_recv(g.nd, 0, &cut, 1), 20); /* a short buffer: cut */
	netdev_interest(g.nd, 0, true, false);
	CHECK(guest_wait(&g, want_arp_reply) != NULL);
	guest_destroy(&g);
}

static void refused(const char *opts, const char *msg)
{
	struct netdev_config c = { 0 };
	struct err err = { 0 };
	struct netdev *nd = NULL;

	if (prop_parse(&c, net_props, "kind", opts, &err) == 0)
		nd = netdev_open(&c, &err);
	netdev_config_free(&c);
	CHECK(!nd);
	if (strstr(err.msg, "load libslirp"))
		SKIP_TEST(err.msg);
	CHECK_STR(err.msg, msg);
}

TEST(user_net_refuses_what_makes_no_sense)
{
	refused("user,net=10.0.0/24",
		"net must be an IPv4 address, not '10.0.0'");
	refused("user,net=10.0.0.0/30",
		"net must have a mask of 8 to 27 bits, not '10.0.0.0/30'");
	refused("user,host=10.0.3.2", "host lies outside the guest's network");
	refused("user,dns=10.0.2.2", "host and dns are the same address");
	refused("user,queues=2", "a user network has one queue");
	refused("user,hostfwd=tcp:22", "hostfwd 'tcp:22' is not a rule");
	refused("user,hostfwd=tcp::0-:22",
		"hostfwd 'tcp::0-:22' is not a rule");
	refused("user,hostfwd=icmp::1-:2",
		"hostfwd 'icmp::1-:2' is not a rule");
	refused("user,mtu=12", "mtu must be 68 to 65521, not 12");
}
