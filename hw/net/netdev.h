/* SPDX-License-Identifier: MIT */
/* Network back ends: where a network device's frames go. */
#ifndef HW_NET_NETDEV_H
#define HW_NET_NETDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "hw/core/err.h"
#include "hw/core/loop.h"
#include "hw/core/prop.h"

/*
 * A back end moves Ethernet frames for one device, which pulls: it is told
 * when a frame waits and when there is room again, and calls netdev_recv()
 * and netdev_send() with the guest's own buffers.  What does not fit the
 * guest waits in the host's queues, which drop on their own terms.
 *
 * Every frame is preceded by a struct virtio_net_hdr_v1 (virtio 1.2, 5.1.6),
 * NETDEV_HDR bytes, in either direction; its num_buffers is the device's
 * business.  A back end without offloads gives zeroes and reads nothing.
 *
 * A back end has one or more queues, each served by one loop: everything
 * about queue q happens on that loop's thread, unless said otherwise.
 */
#define NETDEV_HDR	  12
#define NETDEV_MAX_QUEUES 16
#define NETDEV_FLOWS	  1024 /* the table below says so, too */
/* A header and the largest frame that segmentation offload makes. */
#define NETDEV_MAX_FRAME (NETDEV_HDR + 14 + 65535)

/* Frames that the receiving side takes without their checksums or cut into
 * segments; numbers as the kernel's TUN_F_*. */
enum netdev_offload {
	NETDEV_CSUM = 1,
	NETDEV_TSO4 = 2,
	NETDEV_TSO6 = 4,
	NETDEV_ECN = 8,
	NETDEV_UFO = 16,
};

enum netdev_kind { NETDEV_USER, NETDEV_TAP };

/* What the user asked for; filled by net_props or by hand. */
struct netdev_config {
	int kind;     /* enum netdev_kind */
	uint64_t mtu; /* of the guest's interface; 0: the back end's own */
	/* tap */
	char *ifname, *bridge, *script;
	uint64_t queues; /* 0: one */
	/* user */
	char **hostfwd; /* "tcp:127.0.0.1:2222-:22" */
	unsigned nhostfwd;
	char *net, *host, *dns; /* NULL: 10.0.2.0/24, its .2 and .3 */
	bool restricted;
	uint64_t flows; /* 0: NETDEV_FLOWS */
};

/* Frees what the fields own. */
void netdev_config_free(struct netdev_config *c);

/* The table of a struct netdev_config by itself; ends with { 0 }. */
extern const struct prop net_props[];

/* Of hostfwd; p->off is where the struct netdev_config begins. */
int netdev_hostfwd_parse(void *base, const struct prop *p, const char *val,
			 struct err *err);
bool netdev_hostfwd_show(const void *base, const struct prop *p, char *buf,
			 size_t len);
void netdev_hostfwd_release(void *base, const struct prop *p);
extern const char *const netdev_kinds[];

/* Entries for the table of a structure that holds one, at that offset. */
#define NETDEV_OFF(at, field) ((at) + offsetof(struct netdev_config, field))
#define NETDEV_PROPS(at)                                                       \
	{ .name = "kind",                                                      \
	  .kind = PROP_ENUM,                                                   \
	  .off = NETDEV_OFF(at, kind),                                         \
	  .choices = netdev_kinds,                                             \
	  .brief = "what it is connected to",                                  \
	  .detail = "user, the default, is a network inside vmm that reaches " \
		    "out through the host's own connections and needs no "     \
		    "privilege.  tap is an interface of the host." },          \
		{ .name = "hostfwd",                                           \
		  .arg = "[tcp|udp]:[ADDR]:PORT-[ADDR]:PORT",                  \
		  .kind = PROP_CUSTOM,                                         \
		  .parse = netdev_hostfwd_parse,                               \
		  .show = netdev_hostfwd_show,                                 \
		  .release = netdev_hostfwd_release,                           \
		  .off = (at),                                                 \
		  .many = true,                                                \
		  .brief = "user: forward a port of the host to one of the "   \
			   "guest",                                            \
		  .detail = "May be given several times.  Without addresses "  \
			    "the port "                                        \
			    "is forwarded from every interface of the host "   \
			    "to the "                                          \
			    "address that the guest gets by DHCP." },          \
		{ .name = "net",                                               \
		  .arg = "ADDR/BITS",                                          \
		  .kind = PROP_STR,                                            \
		  .off = NETDEV_OFF(at, net),                                  \
		  .brief = "user: the guest's network (default 10.0.2.0/24)",  \
		  .detail = "The guest gets the network's address 15 by "      \
			    "DHCP." },                                         \
		{ .name = "host",                                              \
		  .arg = "ADDR",                                               \
		  .kind = PROP_STR,                                            \
		  .off = NETDEV_OFF(at, host),                                 \
		  .brief = "user: the host as the guest sees it (default: "    \
			   "address 2)" },                                     \
		{ .name = "dns",                                               \
		  .arg = "ADDR",                                               \
		  .kind = PROP_STR,                                            \
		  .off = NETDEV_OFF(at, dns),                                  \
		  .brief = "user: the name server as the guest sees it "       \
			   "(default: "                                        \
			   "address 3)" },                                     \
		{ .name = "restrict",                                          \
		  .kind = PROP_BOOL,                                           \
		  .off = NETDEV_OFF(at, restricted),                           \
		  .brief = "user: let nothing out but answers to hostfwd" },   \
		{ .name = "flows",                                             \
		  .arg = "n",                                                  \
		  .kind = PROP_UINT,                                           \
		  .min = 1,                                                    \
		  .max = 65536,                                                \
		  .off = NETDEV_OFF(at, flows),                                \
		  .brief = "user: connections that may be open at a time "     \
			   "(default 1024)",                                   \
		  .detail = "Each takes a file descriptor of the host.  Of "   \
			    "those beyond, nothing gets through until others " \
			    "end; one of UDP ends when it was idle for four "  \
			    "minutes." },                                      \
		{ .name = "ifname",                                            \
		  .arg = "NAME",                                               \
		  .kind = PROP_STR,                                            \
		  .min = 1,                                                    \
		  .max = 15,                                                   \
		  .off = NETDEV_OFF(at, ifname),                               \
		  .brief = "tap: the interface, created if there is none" },   \
		{ .name = "bridge",                                            \
		  .arg = "NAME",                                               \
		  .kind = PROP_STR,                                            \
		  .min = 1,                                                    \
		  .max = 15,                                                   \
		  .off = NETDEV_OFF(at, bridge),                               \
		  .brief = "tap: add the interface to this bridge" },          \
		{ .name = "script",                                            \
		  .arg = "PATH",                                               \
		  .kind = PROP_STR,                                            \
		  .min = 1,                                                    \
		  .off = NETDEV_OFF(at, script),                               \
		  .brief = "tap: run this with the interface's name once it "  \
			   "is open" },                                        \
		{ .name = "queues",                                            \
		  .arg = "n",                                                  \
		  .kind = PROP_UINT,                                           \
		  .min = 1,                                                    \
		  .max = NETDEV_MAX_QUEUES,                                    \
		  .off = NETDEV_OFF(at, queues),                               \
		  .brief = "tap: pairs of queues (default 1)" },               \
	{                                                                      \
		.name = "mtu", .arg = "n", .kind = PROP_UINT, .min = 68,       \
		.max = 65521, .off = NETDEV_OFF(at, mtu),                      \
		.brief = "largest packet of the guest's interface"             \
	}

/* What a device wants to hear; on the queue's loop. */
struct netdev_client {
	void (*readable)(void *opaque, unsigned q);
	void (*writable)(void *opaque, unsigned q);
	void (*link)(void *opaque, bool up); /* any thread; optional */
	void *opaque;
};

struct netdev;

struct netdev_ops {
	/* The device is there: loop[q] serves queue q.  Main thread. */
	int (*attach)(struct netdev *n, struct loop *const *loop,
		      struct err *err);
	void (*detach)(struct netdev *n);
	void (*interest)(struct netdev *n, unsigned q, bool rd, bool wr);
	ssize_t (*recv)(struct netdev *n, unsigned q, const struct iovec *iov,
			unsigned niov);
	int (*send)(struct netdev *n, unsigned q, const struct iovec *iov,
		    unsigned niov);
	int (*set_offloads)(struct netdev *n, unsigned offloads);
	int (*set_queues)(struct netdev *n, unsigned queues);
	void (*close)(struct netdev *n);
};

struct netdev {
	/* constant: */
	const struct netdev_ops *ops;
	char name[48];	   /* "tap vmtap0", "user": for messages */
	unsigned queues;   /* 1 to NETDEV_MAX_QUEUES */
	unsigned offloads; /* enum netdev_offload that it can do, both ways */
	unsigned mtu;	   /* to tell the guest; 0: nothing to tell */
	struct netdev_client client; /* from attach to detach */
	bool attached;
	bool down; /* atomic */
};

/* Takes the host's resources; the configuration is copied.  Main thread. */
struct netdev *netdev_open(const struct netdev_config *c, struct err *err);
/* Detached, please. */
void netdev_close(struct netdev *n);

/*
 * Connects the device; loop has n->queues entries.  Main thread, or before
 * the loops run.  User mode works from now on, on loop[0].
 */
int netdev_attach(struct netdev *n, const struct netdev_client *client,
		  struct loop *const *loop, struct err *err) MUST_CHECK;
/* No callback comes after it returned.  The caller holds no lock. */
void netdev_detach(struct netdev *n);

/* Which callbacks queue q wants; none at first. */
void netdev_interest(struct netdev *n, unsigned q, bool rd, bool wr);
/*
 * One frame into iov: its length, header included, or -EAGAIN where none
 * waits.  A frame that is longer than iov is cut.  Any other error: a frame
 * was lost, go on.
 */
ssize_t netdev_recv(struct netdev *n, unsigned q, const struct iovec *iov,
		    unsigned niov);
/*
 * One frame away.  0: sent, or dropped because it is bad or the other side is
 * down; -EAGAIN: nothing was done, try again when writable.
 */
int netdev_send(struct netdev *n, unsigned q, const struct iovec *iov,
		unsigned niov);
/* What frames the guest takes, a subset of n->offloads.  Any thread. */
int netdev_set_offloads(struct netdev *n, unsigned offloads);
/* How many queues the guest uses, from the first.  Any thread. */
int netdev_set_queues(struct netdev *n, unsigned queues);
/* Pulls or plugs the cable, and tells the device.  Any thread. */
void netdev_set_link(struct netdev *n, bool up);
bool netdev_link(const struct netdev *n);

/* The kinds. */
struct netdev *tap_open(const struct netdev_config *c, struct err *err);
struct netdev *user_open(const struct netdev_config *c, struct err *err);

#endif
