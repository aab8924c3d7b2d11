/* SPDX-License-Identifier: MIT */
/* Tap interfaces, in a network namespace that the test makes. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hw/net/netdev.h"
#include "tests/support/frames.h"
#include "tests/test.h"

#define UNABLE 77

/* In the child, where cmocka's checks would not reach anybody. */
#define MUST(cond)                                                         \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#cond);                                    \
			_exit(1);                                          \
		}                                                          \
	} while (0)

/* Not where a container has a file, or another device, in its place. */
static bool has_tun(void)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	unsigned features;
	bool has = fd >= 0 && ioctl(fd, TUNGETFEATURES, &features) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

/* Runs fn in a process with a network of its own. */
static void in_namespace(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		if (unshare(CLONE_NEWNET) < 0 &&
		    unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
			_exit(UNABLE);
		if (!has_tun())
			_exit(UNABLE);
		fn();
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == UNABLE)
		SKIP_TEST("no permission for network namespaces and "
			  "/dev/net/tun, or the latter is no tun");
	CHECK_EQ(status, 0);
}

struct tap_guest {
	struct loop *loop;
	struct netdev *nd;
	bool readable;
};

static const uint8_t guest_mac[6] = { 0x52, 0x54, 0, 9, 9, 9 };

static void tap_readable(void *opaque, unsigned q)
{
	struct tap_guest *g = opaque;

	(void)q;
	g->readable = true;
	loop_stop(g->loop);
}

static struct netdev *tap_try(const char *opts, struct err *err)
{
	struct netdev_config c = { 0 };
	struct netdev *nd;

	MUST(prop_parse(&c, net_props, "kind", opts, err) == 0);
	nd = netdev_open(&c, err);
	netdev_config_free(&c);
	return nd;
}

static void tap_guest_init(struct tap_guest *g, const char *opts)
{
	struct netdev_client client = { .readable = tap_readable, .opaque = g };
	struct err err = { 0 };
	struct loop *loops[NETDEV_MAX_QUEUES];

	*g = (struct tap_guest){ .loop = loop_new(&err) };
	g->nd = tap_try(opts, &err);
	if (!g->nd)
		fprintf(stderr, "%s\n", err.msg);
	MUST(g->nd);
	for (int i = 0; i < NETDEV_MAX_QUEUES; i++)
		loops[i] = g->loop;
	MUST(netdev_attach(g->nd, &client, loops, &err) == 0);
}

static void tap_guest_destroy(struct tap_guest *g)
{
	netdev_detach(g->nd);
	netdev_close(g->nd);
	loop_free(g->loop);
}

/* The host's side of the interface gets 10.9.0.1/24. */
static void tap_address(const char *ifname)
{
	struct ifreq ifr = { 0 };
	struct sockaddr_in *a = (struct sockaddr_in *)&ifr.ifr_addr;
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	strcpy(ifr.ifr_name, ifname);
	a->sin_family = AF_INET;
	inet_pton(AF_INET, "10.9.0.1", &a->sin_addr);
	MUST(ioctl(s, SIOCSIFADDR, &ifr) == 0);
	inet_pton(AF_INET, "255.255.255.0", &a->sin_addr);
	MUST(ioctl(s, SIOCSIFNETMASK, &ifr) == 0);
	close(s);
}

/* The next frame of an EtherType, through the loop. */
static size_t tap_guest_wait(struct tap_guest *g, unsigned type, uint8_t *buf,
			     size_t len)
{
	struct iovec iov[2] = { { buf, 17 }, { buf + 17, len - 17 } };
	ssize_t n;

	alarm(10);
	for (;;) {
		n = netdev_recv(g->nd, 0, iov, 2);
		if (n == -EAGAIN) {
			netdev_interest(g->nd, 0, true, false);
			loop_run(g->loop);
			netdev_interest(g->nd, 0, false, false);
			continue;
		}
		MUST(n > 26);
		if ((unsigned)(buf[24] << 8 | buf[25]) == type)
			break;
	}
	alarm(0);
	return (size_t)n - 12;
}

static void tap_guest_send(struct tap_guest *g, uint8_t *frame, size_t len)
{
	uint8_t hdr[12] = { 0 };
	struct iovec iov[2] = { { hdr, 12 }, { frame, len } };

	MUST(netdev_send(g->nd, 0, iov, 2) == 0);
}

static void exchange(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct tap_guest g;
	uint8_t buf[2048], f[256], host[6];
	char text[16] = { 0 };
	struct pollfd p;
	unsigned sport;
	int fd;

	tap_guest_init(&g, "tap,ifname=t0");
	tap_address("t0");
	MUST(g.nd->queues == 1);
	MUST(g.nd->offloads & NETDEV_CSUM && g.nd->offloads & NETDEV_TSO4);
	MUST(netdev_set_offloads(g.nd, g.nd->offloads) == 0);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	to.sin_port = htons(77);
	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	MUST(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	MUST(send(fd, "hello", 5, 0) == 5);
	tap_guest_wait(&g, 0x0806, buf, sizeof(buf));
	memcpy(host, buf + 12 + 6, 6);
	tap_guest_send(
		&g, f,
		frame_arp(f, 2, guest_mac, "10.9.0.2", host, "10.9.0.1"));
	tap_guest_wait(&g, 0x0800, buf, sizeof(buf));
	MUST(memcmp(buf + 12 + 42, "hello", 5) == 0);
	MUST(buf[0] & 1); /* NEEDS_CSUM: the guest said it can */
	sport = (unsigned)(buf[12 + 34] << 8 | buf[12 + 35]);
	tap_guest_send(&g, f,
		       frame_udp(f, guest_mac, host, "10.9.0.2", "10.9.0.1", 77,
				 sport, "world", 5));
	p = (struct pollfd){ .fd = fd, .events = POLLIN };
	MUST(poll(&p, 1, 10000) == 1);
	MUST(recv(fd, text, sizeof(text), 0) == 5);
	MUST(strcmp(text, "world") == 0);
	/* the cable is pulled: nothing goes out */
	netdev_set_link(g.nd, false);
	tap_guest_send(&g, f,
		       frame_udp(f, guest_mac, host, "10.9.0.2", "10.9.0.1", 77,
				 sport, "lost!", 5));
	MUST(poll(&p, 1, 50) == 0);
	close(fd);
	tap_guest_destroy(&g);
	MUST(if_nametoindex("t0") == 0); /* it was created, so it goes */
}

TEST(tap_carries_frames_both_ways_with_offload_headers)
{
	in_namespace(exchange);
}

static void bad_frames(void)
{
	struct tap_guest g;
	uint8_t hdr[12], f[128] = { 0 };
	struct iovec iov[2] = { { hdr, 12 }, { f, 0 } };

	tap_guest_init(&g, "tap");
	/* every header byte wrong in turn, and frames of every short length */
	for (unsigned i = 0; i < 12; i++) {
		memset(hdr, 0, sizeof(hdr));
		hdr[i] = 0xff;
		for (size_t len = 0; len < sizeof(f); len += 7) {
			iov[1].iov_len = len;
			MUST(netdev_send(g.nd, 0, iov, 2) == 0);
			MUST(netdev_send(g.nd, 0, iov, 1) == 0);
		}
	}
	tap_guest_destroy(&g);
}

TEST(tap_survives_bad_frames_and_headers)
{
	in_namespace(bad_frames);
}

static void queues(void)
{
	struct err err = { 0 };
	struct tap_guest g;
	struct netdev *nd;

	tap_guest_init(&g, "tap,ifname=mq0,queues=4");
	MUST(g.nd->queues == 4);
	MUST(netdev_set_queues(g.nd, 1) == 0);
	MUST(netdev_set_queues(g.nd, 4) == 0);
	MUST(netdev_set_queues(g.nd, 2) == 0);
	MUST(netdev_set_queues(g.nd, 5) == -EINVAL);
	MUST(netdev_set_queues(g.nd, 0) == -EINVAL);
	tap_guest_destroy(&g);
	/* one queue of an interface made for many */
	tap_guest_init(&g, "tap,ifname=mq1,queues=2");
	nd = tap_try("tap,ifname=mq1", &err);
	MUST(nd && nd->queues == 1);
	netdev_close(nd);
	tap_guest_destroy(&g);
}

TEST(tap_opens_and_switches_many_queues)
{
	in_namespace(queues);
}

static void settings(void)
{
	struct err err = { 0 };
	struct ifreq ifr = { 0 };
	struct tap_guest g;
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	tap_guest_init(&g, "tap,ifname=m0,mtu=9000,script=/bin/true");
	strcpy(ifr.ifr_name, "m0");
	MUST(g.nd->mtu == 9000);
	MUST(ioctl(s, SIOCGIFMTU, &ifr) == 0 && ifr.ifr_mtu == 9000);
	MUST(ioctl(s, SIOCGIFFLAGS, &ifr) == 0 && ifr.ifr_flags & IFF_UP);
	MUST(!tap_try("tap,ifname=m0", &err));
	MUST(strcmp(err.msg, "cannot open tap interface 'm0': "
			     "Device or resource busy") == 0);
	tap_guest_destroy(&g);
	MUST(!tap_try("tap,ifname=lo", &err));
	MUST(strncmp(err.hint, "'ip tuntap' lists", 17) == 0);
	MUST(!tap_try("tap,ifname=m1,script=/bin/false", &err));
	MUST(strcmp(err.msg, "'/bin/false m1' failed with status 1") == 0);
	MUST(!tap_try("tap,ifname=m2,bridge=nobridge", &err));
	MUST(strncmp(err.msg, "cannot add 'm2' to bridge 'nobridge': ", 38) ==
	     0);
	close(s);
}

TEST(tap_sets_up_its_interface_and_names_what_fails)
{
	in_namespace(settings);
}
