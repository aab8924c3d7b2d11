/* SPDX-License-Identifier: MIT */
/* User-mode network: a small router inside vmm, by libslirp. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "hw/core/device.h"
#include "hw/core/log.h"
#include "hw/net/flows.h"
#include "hw/net/netdev.h"
#include "hw/net/slirp_lib.h"

#define USER_FRAMES    1024 /* that may wait for the guest */
#define USER_MAX_FRAME (NETDEV_MAX_FRAME - NETDEV_HDR)

/* A descriptor that libslirp wants polled. */
struct user_fd {
	struct loop_fd fd;
	struct user *user;
	struct user_fd *next;
	int events;  /* SLIRP_POLL_*: wanted this round */
	int revents; /* seen since */
	bool wanted;
};

struct user_timer {
	struct user_timer *next;
	SlirpTimerCb fire;
	void *opaque;
	int64_t at_ms; /* -1: not armed */
};

struct user_frame {
	size_t len;
	uint8_t data[];
};

/* All of it belongs to the loop once there is a device. */
struct user {
	struct netdev nd;
	const struct slirp_lib *lib;
	Slirp *slirp;
	struct flows flows;
	struct loop *loop;
	struct loop_idle idle;
	struct loop_fd timer_fd;
	struct user_timer *timers;
	struct user_fd *fds;	/* kept when unwanted: they come back */
	struct user_fd **by_fd; /* the same, by descriptor */
	int nby_fd;
	struct user_fd **table; /* what libslirp was given an index for */
	unsigned ntable, cap;
	bool changed;  /* libslirp's wishes may have */
	bool happened; /* something is to be told to libslirp */

	struct user_frame *frame[USER_FRAMES];
	unsigned head, nframes;
	bool want_read;
	uint8_t out[USER_MAX_FRAME]; /* a frame of the guest, in one piece */
};

static struct user *user_of(struct netdev *n)
{
	return container_of(n, struct user, nd);
}

/* ---- what libslirp calls */

static ssize_t user_output(const void *buf, size_t len, void *opaque)
{
	struct user *u = opaque;
	struct user_frame *f;

	/* A guest that does not read loses frames; TCP sends them again. */
	if (u->nframes == USER_FRAMES || len > USER_MAX_FRAME ||
	    !u->nd.attached || !netdev_link(&u->nd))
		return (ssize_t)len;
	f = malloc(sizeof(*f) + len);
	if (!f)
		return (ssize_t)len;
	f->len = len;
	memcpy(f->data, buf, len);
	u->frame[(u->head + u->nframes++) % USER_FRAMES] = f;
	return (ssize_t)len;
}

static void user_guest_error(const char *msg, void *opaque)
{
	struct user *u = opaque;

	guest_error(u->nd.name, "%s", msg);
}

static int64_t user_clock(void *opaque)
{
	struct timespec t;

	(void)opaque;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void *user_timer_new(SlirpTimerCb fire, void *cb_opaque, void *opaque)
{
	struct user *u = opaque;
	struct user_timer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct user_timer){ u->timers, fire, cb_opaque, -1 };
	u->timers = t;
	return t;
}

static void user_timer_free(void *timer, void *opaque)
{
	struct user *u = opaque;
	struct user_timer **p;

	for (p = &u->timers; *p; p = &(*p)->next) {
		if (*p != timer)
			continue;
		*p = (*p)->next;
		free(timer);
		return;
	}
}

static void user_timer_mod(void *timer, int64_t at_ms, void *opaque)
{
	struct user *u = opaque;
	struct user_timer *t = timer;

	if (t)
		t->at_ms = at_ms;
	u->changed = true;
}

static void user_register_fd(int fd, void *opaque)
{
	struct user *u = opaque;

	flows_opened(&u->flows, fd);
	u->changed = true;
}

/* Before libslirp closes it: its number may come back as another file. */
static void user_unregister_fd(int fd, void *opaque)
{
	struct user *u = opaque;

	flows_closed(&u->flows, fd);
	if (fd >= 0 && fd < u->nby_fd && u->by_fd[fd]) {
		loop_mod(&u->by_fd[fd]->fd, 0);
		u->by_fd[fd]->revents = 0;
	}
	u->changed = true;
}

static void user_notify(void *opaque)
{
	((struct user *)opaque)->changed = true;
}

static const SlirpCb user_callbacks = {
	.send_packet = user_output,
	.guest_error = user_guest_error,
	.clock_get_ns = user_clock,
	.timer_new = user_timer_new,
	.timer_free = user_timer_free,
	.timer_mod = user_timer_mod,
	.register_poll_fd = user_register_fd,
	.unregister_poll_fd = user_unregister_fd,
	.notify = user_notify,
};

/* ---- polling: libslirp's round of fill and poll, laid over the loop */

static void user_fd_ready(void *opaque, uint32_t events)
{
	struct user_fd *f = opaque;

	f->revents |= (events & EPOLLIN ? SLIRP_POLL_IN : 0) |
		      (events & EPOLLOUT ? SLIRP_POLL_OUT : 0) |
		      (events & EPOLLPRI ? SLIRP_POLL_PRI : 0) |
		      (events & EPOLLERR ? SLIRP_POLL_ERR : 0) |
		      (events & EPOLLHUP ? SLIRP_POLL_HUP : 0);
	f->user->happened = true;
}

static int user_fd_reserve(struct user *u, int fd)
{
	int n = u->nby_fd ? u->nby_fd : 64;
	struct user_fd **grown;

	while (n <= fd)
		n *= 2;
	if (n == u->nby_fd)
		return 0;
	grown = reallocarray(u->by_fd, (size_t)n, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	memset(grown + u->nby_fd, 0, (size_t)(n - u->nby_fd) * sizeof(*grown));
	u->by_fd = grown;
	u->nby_fd = n;
	return 0;
}

static struct user_fd *user_fd_get(struct user *u, int fd)
{
	struct user_fd *f;
	struct err err;

	if (fd < 0 || user_fd_reserve(u, fd) < 0)
		return NULL;
	if (u->by_fd[fd])
		return u->by_fd[fd];
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->user = u;
	f->fd = (struct loop_fd){ .fd = fd,
				  .ready = user_fd_ready,
				  .opaque = f };
	if (loop_add(u->loop, &f->fd, &err) < 0) {
		free(f);
		return NULL;
	}
	f->next = u->fds;
	u->fds = u->by_fd[fd] = f;
	return f;
}

/* A forwarded port takes no connection that would be one too many. */
static bool user_has_room(const struct user *u, int fd)
{
	socklen_t len = sizeof(int);
	int listens = 0;

	if (!flows_full(&u->flows))
		return true;
	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len);
	return !listens;
}

static int user_add_poll(int fd, int events, void *opaque)
{
	struct user *u = opaque;
	struct user_fd **grown, *f = user_fd_get(u, fd);

	if (!f)
		return -1;
	if (u->ntable == u->cap) {
		grown = reallocarray(u->table, u->cap * 2 + 16, sizeof(*grown));
		if (!grown)
			return -1;
		u->table = grown;
		u->cap = u->cap * 2 + 16;
	}
	f->wanted = user_has_room(u, fd);
	f->events = events;
	u->table[u->ntable] = f;
	return (int)u->ntable++;
}

static int user_get_revents(int idx, void *opaque)
{
	struct user *u = opaque;
	struct user_fd *f;

	if (idx < 0 || (unsigned)idx >= u->ntable)
		return 0;
	f = u->table[idx];
	return f->revents & (f->events | SLIRP_POLL_ERR | SLIRP_POLL_HUP);
}

static void user_run_timers(struct user *u)
{
	int64_t now = user_clock(NULL) / 1000000;
	struct user_timer *t = u->timers, *next;

	for (; t; t = next) {
		next = t->next;
		if (t->at_ms < 0 || t->at_ms > now)
			continue;
		t->at_ms = -1;
		t->fire(t->opaque);
	}
}

static void user_timer_ready(void *opaque, uint32_t events)
{
	struct user *u = opaque;
	uint64_t n;

	(void)events;
	if (read(u->timer_fd.fd, &n, sizeof(n)) < 0)
		return;
	u->happened = true;
}

/* Waits for timeout ms (UINT32_MAX: for ever) and for the timers. */
static void user_arm(struct user *u, uint32_t timeout)
{
	int64_t now = user_clock(NULL) / 1000000;
	int64_t ms = timeout == UINT32_MAX ? INT64_MAX : timeout;
	struct itimerspec it = { 0 };

	for (struct user_timer *t = u->timers; t; t = t->next)
		if (t->at_ms >= 0 && t->at_ms - now < ms)
			ms = t->at_ms - now;
	if (ms < 1)
		ms = 1;
	if (ms != INT64_MAX) {
		it.it_value.tv_sec = (time_t)(ms / 1000);
		it.it_value.tv_nsec = (long)(ms % 1000) * 1000000;
	}
	timerfd_settime(u->timer_fd.fd, 0, &it, NULL);
}

static uint32_t user_epoll_events(int events)
{
	return (events & SLIRP_POLL_IN ? (uint32_t)EPOLLIN : 0) |
	       (events & SLIRP_POLL_OUT ? (uint32_t)EPOLLOUT : 0) |
	       (events & SLIRP_POLL_PRI ? (uint32_t)EPOLLPRI : 0);
}

static void user_fill(struct user *u)
{
	uint32_t timeout = UINT32_MAX;

	u->changed = false;
	u->ntable = 0;
	for (struct user_fd *f = u->fds; f; f = f->next)
		f->wanted = false;
	u->lib->pollfds_fill(u->slirp, &timeout, user_add_poll, u);
	for (struct user_fd *f = u->fds; f; f = f->next) {
		f->revents = 0;
		loop_mod(&f->fd, f->wanted ? user_epoll_events(f->events) : 0);
	}
	user_arm(u, timeout);
}

static void user_offer_frames(struct user *u)
{
	const struct netdev_client *c = &u->nd.client;

	if (u->nframes && u->want_read)
		c->readable(c->opaque, 0);
}

/* Before the loop blocks. */
static bool user_idle(void *opaque)
{
	struct user *u = opaque;

	if (u->happened) {
		u->happened = false;
		user_run_timers(u);
		u->lib->pollfds_poll(u->slirp, 0, user_get_revents, u);
		u->changed = true;
	}
	user_offer_frames(u);
	if (u->changed)
		user_fill(u);
	return u->nframes &&
	       u->want_read; /* the device took its turn's worth */
}

/* ---- traffic */

static void user_interest(struct netdev *n, unsigned q, bool rd, bool wr)
{
	(void)q;
	(void)wr; /* it always takes a frame */
	user_of(n)->want_read = rd;
}

/* Copies into iov; as much as fits. */
static size_t user_scatter(const struct iovec *iov, unsigned niov, size_t skip,
			   const void *buf, size_t len)
{
	size_t done = 0, k;

	for (unsigned i = 0; i < niov && done < len; i++) {
		if (skip >= iov[i].iov_len) {
			skip -= iov[i].iov_len;
			continue;
		}
		k = iov[i].iov_len - skip;
		if (k > len - done)
			k = len - done;
		memcpy((uint8_t *)iov[i].iov_base + skip,
		       (const uint8_t *)buf + done, k);
		done += k;
		skip = 0;
	}
	return done;
}

static ssize_t user_recv(struct netdev *n, unsigned q, const struct iovec *iov,
			 unsigned niov)
{
	static const uint8_t hdr[NETDEV_HDR];
	struct user *u = user_of(n);
	struct user_frame *f;
	size_t len;

	(void)q;
	if (!u->nframes)
		return -EAGAIN;
	f = u->frame[u->head];
	u->head = (u->head + 1) % USER_FRAMES;
	u->nframes--;
	len = user_scatter(iov, niov, 0, hdr, sizeof(hdr));
	len += user_scatter(iov, niov, NETDEV_HDR, f->data, f->len);
	free(f);
	return (ssize_t)len;
}

static int user_send(struct netdev *n, unsigned q, const struct iovec *iov,
		     unsigned niov)
{
	struct user *u = user_of(n);
	size_t skip = NETDEV_HDR, len = 0, k;

	(void)q;
	for (unsigned i = 0; i < niov; i++) {
		k = iov[i].iov_len;
		if (k <= skip) {
			skip -= k;
			continue;
		}
		k -= skip;
		if (k > sizeof(u->out) - len)
			return 0; /* no such frame */
		memcpy(u->out + len, (uint8_t *)iov[i].iov_base + skip, k);
		len += k;
		skip = 0;
	}
	if (!flows_begin(&u->flows, u->out, len)) {
		if (u->flows.swollen)
			guest_error(u->nd.name, "too much memory is waiting "
						"for the rest of packets");
		else
			guest_error(u->nd.name,
				    "more than %u connections: raise flows=, "
				    "if they are meant",
				    u->flows.max);
		return 0;
	}
	u->lib->input(u->slirp, u->out, (int)len);
	flows_end(&u->flows);
	u->changed = true;
	return 0;
}

/* ---- coming and going */

static void user_begin(void *arg)
{
	struct user *u = arg;

	loop_idle_add(u->loop, &u->idle);
	u->changed = true;
}

static int user_attach(struct netdev *n, struct loop *const *loop,
		       struct err *err)
{
	struct user *u = user_of(n);
	int ret;

	u->loop = loop[0];
	ret = loop_add(u->loop, &u->timer_fd, err);
	if (ret < 0)
		return ret;
	loop_call(u->loop, user_begin, u);
	return 0;
}

static void user_end(void *arg)
{
	struct user *u = arg;

	loop_idle_del(u->loop, &u->idle);
	loop_del(&u->timer_fd);
	for (struct user_fd *f = u->fds; f; f = u->fds) {
		u->fds = f->next;
		loop_del(&f->fd);
		u->by_fd[f->fd.fd] = NULL;
		free(f);
	}
	u->ntable = 0;
}

static void user_detach(struct netdev *n)
{
	loop_call(user_of(n)->loop, user_end, user_of(n));
}

static void user_close(struct netdev *n)
{
	struct user *u = user_of(n);

	if (u->slirp)
		u->lib->cleanup(u->slirp);
	if (u->timer_fd.fd >= 0)
		close(u->timer_fd.fd);
	while (u->timers)
		user_timer_free(u->timers, u);
	for (; u->nframes; u->nframes--) {
		free(u->frame[u->head]);
		u->head = (u->head + 1) % USER_FRAMES;
	}
	flows_free(&u->flows);
	free(u->table);
	free(u->by_fd);
	free(u);
}

static const struct netdev_ops user_ops = {
	.attach = user_attach,
	.detach = user_detach,
	.interest = user_interest,
	.recv = user_recv,
	.send = user_send,
	.close = user_close,
};

/* ---- options */

static int user_addr(const char *key, const char *text, struct in_addr *a,
		     struct err *err)
{
	if (inet_pton(AF_INET, text, a) == 1)
		return 0;
	return err_set(err, EINVAL, "%s must be an IPv4 address, not '%s'", key,
		       text);
}

static struct in_addr user_in_net(const SlirpConfig *c, uint32_t number)
{
	return (struct in_addr){ c->vnetwork.s_addr | htonl(number) };
}

/* "10.0.2.0/24" */
static int user_parse_net(SlirpConfig *c, const char *text, struct err *err)
{
	const char *slash = strchr(text, '/');
	uint64_t bits = 24;
	char addr[32];
	int ret;

	snprintf(addr, sizeof(addr), "%.*s",
		 slash ? (int)(slash - text) : (int)strlen(text), text);
	if (slash &&
	    (parse_uint(slash + 1, &bits) < 0 || bits < 8 || bits > 27))
		return err_set(err, EINVAL,
			       "net must have a mask of 8 to 27 bits, not '%s'",
			       text);
	ret = user_addr("net", addr, &c->vnetwork, err);
	c->vnetmask.s_addr = htonl(UINT32_MAX << (32 - bits));
	c->vnetwork.s_addr &= c->vnetmask.s_addr;
	return ret;
}

static int user_in_mask(const SlirpConfig *c, const char *key, struct in_addr a,
			struct err *err)
{
	if ((a.s_addr & c->vnetmask.s_addr) == c->vnetwork.s_addr)
		return 0;
	return err_set(err, EINVAL, "%s lies outside the guest's network", key);
}

static int user_parse_addrs(SlirpConfig *s, const struct netdev_config *c,
			    struct err *err)
{
	int ret = user_parse_net(s, c->net ? c->net : "10.0.2.0/24", err);

	if (ret < 0)
		return ret;
	s->vhost = user_in_net(s, 2);
	s->vnameserver = user_in_net(s, 3);
	s->vdhcp_start = user_in_net(s, 15);
	if (c->host)
		ret = user_addr("host", c->host, &s->vhost, err);
	if (ret == 0 && c->dns)
		ret = user_addr("dns", c->dns, &s->vnameserver, err);
	if (ret == 0)
		ret = user_in_mask(s, "host", s->vhost, err);
	if (ret == 0)
		ret = user_in_mask(s, "dns", s->vnameserver, err);
	if (ret == 0 && s->vhost.s_addr == s->vnameserver.s_addr)
		ret = err_set(err, EINVAL, "host and dns are the same address");
	return ret;
}

/* "[ADDR]:PORT" up to the end of text */
static int user_parse_port(const char *text, struct in_addr *a, int *port)
{
	const char *colon = strrchr(text, ':');
	uint64_t n;
	char addr[32];

	if (!colon || parse_uint(colon + 1, &n) < 0 || !n || n > 65535 ||
	    (size_t)(colon - text) >= sizeof(addr))
		return -EINVAL;
	*port = (int)n;
	snprintf(addr, sizeof(addr), "%.*s", (int)(colon - text), text);
	return !*addr || inet_pton(AF_INET, addr, a) == 1 ? 0 : -EINVAL;
}

/* "[tcp|udp]:[ADDR]:PORT-[ADDR]:PORT" */
static int user_hostfwd(struct user *u, const char *rule, struct err *err)
{
	struct in_addr host = { INADDR_ANY }, guest = { 0 };
	int host_port, guest_port, ret;
	char text[128], *dash, *colon;
	bool udp;

	snprintf(text, sizeof(text), "%s", rule);
	dash = strchr(text, '-');
	colon = strchr(text, ':');
	if (!dash || !colon || colon > dash)
		goto bad;
	*dash = *colon = 0;
	udp = strcmp(text, "udp") == 0;
	if (!udp && *text && strcmp(text, "tcp") != 0)
		goto bad;
	if (user_parse_port(colon + 1, &host, &host_port) < 0 ||
	    user_parse_port(dash + 1, &guest, &guest_port) < 0)
		goto bad;
	if (u->lib->add_hostfwd(u->slirp, udp, host, host_port, guest,
				guest_port) == 0)
		return 0;
	ret = err_set(err, errno ? errno : EADDRINUSE,
		      "cannot forward %s port %d: %s", udp ? "UDP" : "TCP",
		      host_port, strerror(errno ? errno : EADDRINUSE));
	if (ret == -EACCES)
		err_hint(err, "ports below 1024 are for root");
	return ret;
bad:
	err_set(err, EINVAL, "hostfwd '%s' is not a rule", rule);
	err_hint(err, "write [tcp|udp]:[ADDR]:PORT-[ADDR]:PORT, such as "
		      "tcp:127.0.0.1:2222-:22");
	return -EINVAL;
}

static int user_start(struct user *u, const struct netdev_config *c,
		      struct err *err)
{
	SlirpConfig s = { .version = 1, .in_enabled = true };
	int ret = user_parse_addrs(&s, c, err);

	if (ret < 0)
		return ret;
	u->lib = slirp_lib_get(err);
	if (!u->lib)
		return -err->code;
	ret = flows_init(&u->flows, u->nd.name,
			 c->flows ? (unsigned)c->flows : NETDEV_FLOWS,
			 c->nhostfwd, err);
	if (ret < 0)
		return ret;
	s.restricted = c->restricted;
	s.vhostname = "vmm";
	s.if_mtu = c->mtu;
	s.if_mru = c->mtu;
	s.in6_enabled = true;
	inet_pton(AF_INET6, "fec0::", &s.vprefix_addr6);
	s.vprefix_len = 64;
	inet_pton(AF_INET6, "fec0::2", &s.vhost6);
	inet_pton(AF_INET6, "fec0::3", &s.vnameserver6);
	u->slirp = u->lib->new (&s, &user_callbacks, u);
	if (!u->slirp)
		return err_set(err, EINVAL, "libslirp refuses this network");
	for (unsigned i = 0; i < c->nhostfwd && ret == 0; i++)
		ret = user_hostfwd(u, c->hostfwd[i], err);
	return ret;
}

struct netdev *user_open(const struct netdev_config *c, struct err *err)
{
	struct user *u;
	int ret = 0;

	if (c->queues > 1) {
		err_set(err, EINVAL, "a user network has one queue");
		err_hint(err, "leave out queues=, or use tap");
		return NULL;
	}
	u = calloc(1, sizeof(*u));
	if (!u) {
		err_nomem(err, "a user network");
		return NULL;
	}
	u->nd.ops = &user_ops;
	u->nd.queues = 1;
	u->nd.mtu = (unsigned)c->mtu;
	strcpy(u->nd.name, "user network");
	u->idle = (struct loop_idle){ .run = user_idle, .opaque = u };
	u->timer_fd = (struct loop_fd){
		.fd = timerfd_create(CLOCK_MONOTONIC,
				     TFD_NONBLOCK | TFD_CLOEXEC),
		.events = EPOLLIN,
		.ready = user_timer_ready,
		.opaque = u,
	};
	if (u->timer_fd.fd < 0)
		ret = err_set(err, errno, "cannot make a timer: %s",
			      strerror(errno));
	if (ret == 0)
		ret = user_start(u, c, err);
	if (ret == 0)
		return &u->nd;
	user_close(&u->nd);
	return NULL;
}
