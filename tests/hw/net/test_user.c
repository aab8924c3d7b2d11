/* SPDX-License-Identifier: MIT */
/* User-mode network: a guest made of hand-written frames. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hw/net/flows.h"
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
	struct guest_rounds r = { g->loop, 8 * LOOP_ROUNDS };
	struct loop_idle i = { .run = guest_round, .opaque = &r };

	loop_idle_add(g->loop, &i);
	loop_run(g->loop);
	loop_idle_del(g->loop, &i);
}

/* The first frame that want() likes. */
static uint8_t *guest_wait(struct guest *g,
			   bool (*want)(const uint8_t *frame, size_t len))
{
	g->want = want;
	g->len = 0;
	UNTIL((guest_poll(g), g->len));
	return g->buf + 12;
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
	UNTIL((guest_poll(&g), recv(fd, text, 15, 0) >= 0));
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

/* ---- the limit of open connections */

static unsigned open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	CHECK(d != NULL);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* A socket on the host's loopback, which the guest reaches as 10.0.2.2. */
static int listener(int type, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	CHECK(type == SOCK_DGRAM || listen(fd, 64) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void guest_opens(struct guest *g, int udp_port, int tcp_port, int i)
{
	uint8_t f[64];
	unsigned port = 20000 + (unsigned)i;

	guest_send(g, f,
		   frame_udp(f, g->mac, NULL, "10.0.2.15", "10.0.2.2", port,
			     (unsigned)udp_port, &i, 4));
	guest_send(g, f,
		   frame_tcp(f, g->mac, NULL, "10.0.2.15", "10.0.2.2", port,
			     (unsigned)tcp_port, 2));
	guest_send(g, f, frame_ping(f, g->mac, NULL, "10.0.2.15", "127.0.0.1"));
}

TEST(user_net_bounds_the_files_that_a_guest_opens)
{
	unsigned before, most = 0, n;
	int udp_port, tcp_port, udp, tcp, i, last = -1;
	uint8_t f[64];
	struct guest g;

	guest_init(&g, "user,flows=40");
	g.want = want_none;
	udp = listener(SOCK_DGRAM, &udp_port);
	tcp = listener(SOCK_STREAM, &tcp_port);
	guest_send(&g, f,
		   frame_arp(f, 1, g.mac, "10.0.2.15", NULL, "10.0.2.2"));
	guest_poll(&g);
	before = open_files();
	for (i = 0; i < 200; i++) {
		guest_opens(&g, udp_port, tcp_port, i);
		guest_poll(&g);
		n = open_files();
		most = n > most ? n : most;
	}
	CHECK(most - before <= 40);
	CHECK(most - before >= 35);
	while (recv(udp, &i, 4, 0) == 4)
		last = i > last ? i : last;
	CHECK(last >= 0);
	CHECK(last < 40);
	/* The first one is served still. */
	i = 12345;
	guest_send(&g, f,
		   frame_udp(f, g.mac, NULL, "10.0.2.15", "10.0.2.2", 20000,
			     (unsigned)udp_port, &i, 4));
	CHECK_EQ(recv(udp, &last, 4, 0), 4);
	CHECK_EQ(last, 12345);
	guest_destroy(&g);
	close(udp);
	close(tcp);
}

TEST(user_net_forwards_no_more_connections_than_its_flows)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd[30], port = free_port(), rest = 0;
	unsigned before, n, most = 0;
	char opts[96];
	struct guest g;

	snprintf(opts, sizeof(opts),
		 "user,flows=10,hostfwd=tcp:127.0.0.1:%d-10.0.2.15:22", port);
	guest_init(&g, opts);
	g.want = want_none;
	guest_poll(&g);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)port);
	before = open_files();
	for (int i = 0; i < 30; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(fd[i], (struct sockaddr *)&to, sizeof(to)) < 0 &&
		    errno != EINPROGRESS)
			rest++; /* the listening queue is full */
		guest_poll(&g);
		guest_poll(&g);
		n = open_files() - (unsigned)i - 1;
		most = n > most ? n : most;
	}
	CHECK(rest < 30);
	CHECK(most - before >= 1);
	CHECK(most - before <= 11);
	for (int i = 0; i < 30; i++)
		close(fd[i]);
	guest_destroy(&g);
}

TEST(flows_fit_the_limit_of_open_files)
{
	struct rlimit old, low;
	struct err err = { 0 };
	struct flows f, more;
	pid_t pid = fork();
	int status;

	CHECK(pid >= 0);
	if (pid == 0) {
		getrlimit(RLIMIT_NOFILE, &old);
		low = (struct rlimit){ 1024, 1800 };
		if (setrlimit(RLIMIT_NOFILE, &low) < 0 ||
		    flows_init(&f, "one", 1024, 0, &err) < 0 || f.max != 1024)
			_exit(1);
		getrlimit(RLIMIT_NOFILE, &low);
		if (low.rlim_cur < 1536)
			_exit(2);
		if (flows_init(&more, "two", 1024, 0, &err) < 0 ||
		    more.max > 900 || !more.max)
			_exit(3);
		flows_free(&f);
		flows_free(&more);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

TEST(flows_let_through_what_opens_nothing)
{
	static const uint8_t mac[6] = { 2 };
	struct err err = { 0 };
	uint8_t b[128];
	struct flows f;
	size_t n;

	CHECK_EQ(flows_init(&f, "test", 1, 0, &err), 0);
	n = frame_udp(b, mac, mac, "10.0.2.15", "1.1.1.1", 7, 53, "", 0);
	CHECK(flows_begin(&f, b, n));
	flows_opened(&f, 100);
	flows_end(&f);
	CHECK(flows_full(&f));
	CHECK(flows_begin(&f, b, n)); /* the same once more */
	b[14 + 6] = 0x20;	      /* as a fragment */
	CHECK(!flows_begin(&f, b, n));
	n = frame_udp(b, mac, mac, "10.0.2.15", "1.1.1.1", 8, 53, "", 0);
	CHECK(!flows_begin(&f, b, n));
	n = frame_udp(b, mac, mac, "10.0.2.16", "1.1.1.1", 7, 53, "", 0);
	CHECK(!flows_begin(&f, b, n));
	n = frame_udp(b, mac, NULL, "0.0.0.0", "255.255.255.255", 68, 67, "",
		      0);
	CHECK(flows_begin(&f, b, n));
	n = frame_udp(b, mac, mac, "10.0.2.15", "1.1.1.1", 68, 67, "", 0);
	CHECK(!flows_begin(&f, b, n));
	n = frame_tcp(b, mac, mac, "10.0.2.15", "1.1.1.1", 9, 80, 2);
	CHECK(!flows_begin(&f, b, n));
	n = frame_tcp(b, mac, mac, "10.0.2.15", "1.1.1.1", 9, 80, 16);
	CHECK(flows_begin(&f, b, n));
	n = frame_ping(b, mac, mac, "10.0.2.15", "1.1.1.1");
	CHECK(!flows_begin(&f, b, n));
	n = frame_arp(b, 1, mac, "10.0.2.15", NULL, "10.0.2.2");
	CHECK(flows_begin(&f, b, n));
	/* whatever is cut short opens nothing, or does not get through */
	for (size_t len = 0; len < 60; len++) {
		uint8_t *cut = malloc(len + 1);

		frame_tcp(b, mac, mac, "10.0.2.15", "1.1.1.1", 9, 80, 2);
		memcpy(cut, b, len);
		CHECK_EQ(flows_begin(&f, cut, len), len < 34);
		free(cut);
	}
	flows_closed(&f, 99);
	CHECK(flows_full(&f));
	flows_closed(&f, 100);
	n = frame_ping(b, mac, mac, "10.0.2.15", "1.1.1.1");
	CHECK(flows_begin(&f, b, n));
	flows_free(&f);
}

static size_t heap;

static size_t fake_allocated(void)
{
	return heap;
}

TEST(flows_stop_where_memory_does)
{
	static const uint8_t mac[6] = { 2 };
	struct err err = { 0 };
	unsigned refusals = 0, passes = 0;
	uint8_t b[128];
	struct flows f;
	size_t n;

	CHECK_EQ(flows_init(&f, "test", 16, 0, &err), 0);
	CHECK(f.most >= 68u << 20);
	f.allocated = fake_allocated;
	n = frame_arp(b, 1, mac, "10.0.2.15", NULL, "10.0.2.2");
	heap = f.most + 1;
	for (unsigned i = 0; i < 10000; i++)
		refusals += !flows_begin(&f, b, n);
	CHECK(refusals > 5000);
	CHECK(refusals < 10000); /* it is not looked at for each */
	heap = f.most;
	for (unsigned i = 0; i < 10000; i++)
		passes += flows_begin(&f, b, n);
	CHECK(passes > 5000);
	flows_free(&f);
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
	refused("user,flows=0", "flows must be 1 to 65536, not 0");
}
