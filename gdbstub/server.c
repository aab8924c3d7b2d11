/* SPDX-License-Identifier: MIT */
/* The listening socket, the stub's thread, one connection at a time. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gdbstub/priv.h"
#include "hw/char/tty.h"
#include "hw/core/log.h"

/* Unsent bytes beyond which no more packets are read. */
#define SERVER_BACKLOG (1u << 20)

/* ---- sending */

/* As write(), and never waits: nor on a socket that was inherited. */
static ssize_t server_write(int fd, const void *data, size_t n)
{
	ssize_t ret = send(fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	return ret < 0 && errno == ENOTSOCK ? write(fd, data, n) : ret;
}

static void server_flush(struct gdbstub *s)
{
	while (s->tx.fd >= 0 && s->sent < s->wire.len) {
		ssize_t n = server_write(s->tx.fd, s->wire.data + s->sent,
					 s->wire.len - s->sent);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		/* Nobody is there any more: rx is to hear of that. */
		s->sent = n <= 0 ? s->wire.len : s->sent + (size_t)n;
	}
	/* A client that never catches up makes wire no longer, either. */
	if (s->sent && s->sent >= s->wire.len - s->sent) {
		packet_drop(&s->wire, s->sent);
		s->sent = 0;
	}
	loop_mod(&s->tx, s->wire.len ? EPOLLOUT : 0);
}

/*
 * Whether packets are read: not while the machine is about to stop; and whether
 * clients are: not until the last one has left, so that the next has its place.
 */
static void server_listen(struct gdbstub *s)
{
	bool wanted = s->state != STUB_STOPPING &&
		      s->wire.len - s->sent < SERVER_BACKLOG;

	if (s->listener.fd >= 0)
		loop_mod(&s->listener, s->leaving ? 0 : EPOLLIN);
	if (s->rx.fd >= 0)
		loop_mod(&s->rx, wanted ? EPOLLIN : 0);
}

void server_send(struct gdbstub *s)
{
	packet_wrap(&s->wire, &s->out);
	s->out.len = 0;
	if (s->wire.nomem || s->out.nomem) {
		log_warn("the debugger's connection needs more memory than "
			 "there is");
		packet_free(&s->wire);
		packet_free(&s->out);
		s->sent = 0;
	}
	server_flush(s);
}

/* ---- receiving */

static void server_hang_up(struct gdbstub *s)
{
	loop_del(&s->rx);
	loop_del(&s->tx);
	if (s->rx.fd >= 0)
		close(s->rx.fd);
	if (s->tx.fd >= 0)
		close(s->tx.fd);
	s->rx.fd = s->tx.fd = -1;
	s->awaits_reset = false;
	packet_free(&s->wire);
	packet_free(&s->out);
	packet_free(&s->xfer);
	s->sent = 0;
}

void server_drop(struct gdbstub *s)
{
	server_hang_up(s);
	run_detach(s);
	server_listen(s);
}

static void server_byte(struct gdbstub *s, uint8_t byte)
{
	switch (packet_feed(&s->in, byte)) {
	case PACKET_READY:
		if (!s->noack)
			packet_str(&s->wire, "+");
		session_packet(s, s->in.data, s->in.len);
		break;
	case PACKET_BAD:
		if (!s->noack)
			packet_str(&s->wire, "-");
		break;
	case PACKET_INTERRUPT: run_interrupt(s); break;
	default: break; /* a stream socket loses nothing: no resending */
	}
}

static void server_rx(void *opaque, uint32_t events)
{
	struct gdbstub *s = opaque;
	uint8_t buf[4096];
	ssize_t n = read(s->rx.fd, buf, sizeof(buf));

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		server_drop(s);
		return;
	}
	for (ssize_t i = 0; i < n && s->rx.fd >= 0; i++)
		server_byte(s, buf[i]);
	if (s->rx.fd < 0)
		return;
	server_flush(s);
	server_listen(s);
}

static void server_tx(void *opaque, uint32_t events)
{
	struct gdbstub *s = opaque;

	(void)events;
	server_flush(s);
	server_listen(s);
}

static void server_event(void *opaque, uint32_t events)
{
	struct gdbstub *s = opaque;
	uint64_t n;

	(void)events;
	if (read(s->event.fd, &n, sizeof(n)) < 0)
		return;
	run_event(s);
	server_listen(s);
}

/* ---- connections */

static int server_watch(struct gdbstub *s, struct loop_fd *f, int fd,
			uint32_t events, void (*ready)(void *, uint32_t),
			struct err *err)
{
	*f = (struct loop_fd){
		.fd = fd, .events = events, .ready = ready, .opaque = s
	};
	return loop_add(s->thread.loop, f, err);
}

/* Both become the stub's, unless it fails. */
static int server_begin(struct gdbstub *s, int in, int out, struct err *err)
{
	int ret;

	s->rx.fd = s->tx.fd = -1;
	memset(&s->in, 0, offsetof(struct packet_in, data));
	ret = server_watch(s, &s->rx, in, EPOLLIN, server_rx, err);
	if (!ret)
		ret = server_watch(s, &s->tx, out, 0, server_tx, err);
	if (ret < 0) {
		loop_del(&s->rx);
		s->rx.fd = s->tx.fd = -1;
		return ret;
	}
	session_begin(s);
	run_attach(s);
	server_listen(s);
	return 0;
}

/* A second debugger would not know why it hears nothing. */
static void server_refuse(int fd)
{
	struct packet_out wire = { 0 }, why = { 0 };

	packet_str(&why, "E.the machine has a debugger already");
	packet_wrap(&wire, &why);
	if (!wire.nomem &&
	    send(fd, wire.data, wire.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("a second debugger was gone before it was refused");
	packet_free(&wire);
	packet_free(&why);
	close(fd);
}

/* Its end is there, behind packets that are yet to be read. */
static bool server_client_gone(const struct gdbstub *s)
{
	struct pollfd p = { .fd = s->rx.fd, .events = POLLRDHUP };

	return s->rx.fd >= 0 && poll(&p, 1, 0) == 1;
}

static void server_accept(void *opaque, uint32_t events)
{
	struct gdbstub *s = opaque;
	int one = 1, fd, out;
	struct err err = { 0 };

	(void)events;
	if (s->leaving || server_client_gone(s)) {
		loop_mod(&s->listener, 0); /* until server_listen() */
		return;
	}
	fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (s->rx.fd >= 0) {
		server_refuse(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	out = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (out < 0 || server_begin(s, fd, out, &err) < 0) {
		log_warn("a debugger's connection failed: %s",
			 out < 0 ? strerror(errno) : err.msg);
		if (out >= 0)
			close(out);
		close(fd);
	}
}

/* ---- listening */

static int server_unix(struct gdbstub *s, const char *path, struct err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	int fd;

	if (strlen(path) >= sizeof(a.sun_path))
		return err_set(err, ENAMETOOLONG,
			       "--gdb: a socket's path has %zu bytes at most",
			       sizeof(a.sun_path) - 1);
	strcpy(a.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* One that nobody listens on is left over; a file is not ours. */
	if (fd >= 0 && stat(path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 &&
	    errno == ECONNREFUSED)
		unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, 1) < 0) {
		err_set(err, errno, "--gdb: cannot listen on '%s': %s", path,
			strerror(errno));
		if (fd >= 0)
			close(fd);
		return -err->code;
	}
	s->path = strdup(path);
	return fd;
}

/*
 * Fills a from "HOST:PORT"; its length, or 0: HOST is no address.  Names are
 * not looked up: in a static program libc's resolver would load shared ones.
 */
static socklen_t server_address(const char *spec, struct sockaddr_storage *a)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	const char *colon = strrchr(spec, ':');
	char host[INET6_ADDRSTRLEN] = "127.0.0.1";

	if ((size_t)(colon - spec) >= sizeof(host))
		return 0;
	if (colon > spec && strncmp(spec, "localhost:", 10))
		snprintf(host, sizeof(host), "%.*s", (int)(colon - spec), spec);
	v4.sin_port = v6.sin6_port =
		htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		memcpy(a, &v4, sizeof(v4));
		return sizeof(v4);
	}
	if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
		memcpy(a, &v6, sizeof(v6));
		return sizeof(v6);
	}
	return 0;
}

static int server_tcp(const char *spec, struct err *err)
{
	struct sockaddr_storage a;
	socklen_t len = server_address(spec, &a);
	int one = 1, fd;

	fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, len) == 0 &&
	    listen(fd, 1) == 0)
		return fd;
	err_set(err, errno, "--gdb: cannot listen on '%s': %s", spec,
		strerror(errno));
	if (err->code == EADDRINUSE)
		err_hint(err, "choose another port, or a unix:PATH");
	if (fd >= 0)
		close(fd);
	return -err->code;
}

static const char *server_tcp_fault(const char *spec)
{
	const char *colon = strrchr(spec, ':');
	struct sockaddr_storage a;
	char *end;
	unsigned long port;

	if (!colon || !colon[1])
		return "the port is missing";
	port = strtoul(colon + 1, &end, 10);
	if (!isdigit((unsigned char)colon[1]) || *end || !port || port > 65535)
		return "the port must be 1 to 65535";
	if (!server_address(spec, &a))
		return "the host must be an address of this one, in numbers";
	return NULL;
}

const char *gdbstub_spec_fault(const char *spec)
{
	if (!strcmp(spec, "stdio"))
		return NULL;
	if (!strncmp(spec, "unix:", 5))
		return spec[5] ? NULL : "the path of the socket is missing";
	if (!strncmp(spec, "tcp:", 4))
		return server_tcp_fault(spec + 4);
	return "it must be tcp:HOST:PORT, unix:PATH or stdio";
}

/* The files that gdb gave us, which others may have open as well. */
static int server_stdio(struct gdbstub *s, struct err *err)
{
	bool sock;
	int in = tty_own(STDIN_FILENO, O_RDONLY, &sock);
	int out = tty_own(STDOUT_FILENO, O_WRONLY, &sock);
	int ret;

	if (in < 0 || out < 0)
		ret = err_set(err, in < 0 ? -in : -out,
			      "--gdb stdio: standard %s: %s",
			      in < 0 ? "input" : "output",
			      strerror(in < 0 ? -in : -out));
	else
		ret = server_begin(s, in, out, err);
	if (ret < 0 && in >= 0)
		close(in);
	if (ret < 0 && out >= 0)
		close(out);
	return ret;
}

static int server_open(struct gdbstub *s, const char *spec, struct err *err)
{
	int fd;

	if (!strcmp(spec, "stdio"))
		return server_stdio(s, err);
	fd = spec[0] == 'u' ? server_unix(s, spec + 5, err)
			    : server_tcp(spec + 4, err);
	if (fd < 0)
		return fd;
	return server_watch(s, &s->listener, fd, EPOLLIN, server_accept, err);
}

/* ---- the whole */

struct server_call {
	struct gdbstub *s;
	const char *spec;
	bool wait;
	int status;
	struct err *err;
	int ret;
};

static void server_start(void *arg)
{
	struct server_call *c = arg;
	struct gdbstub *s = c->s;

	c->ret = server_watch(s, &s->event,
			      eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), EPOLLIN,
			      server_event, c->err);
	if (!c->ret)
		c->ret = run_init(s, c->wait, c->err);
	if (!c->ret)
		c->ret = server_open(s, c->spec, c->err);
}

static void server_finish(void *arg)
{
	struct server_call *c = arg;
	struct gdbstub *s = c->s;

	if (s->rx.fd >= 0) {
		packet_fmt(&s->out, "W%02x", (unsigned)c->status & 0xff);
		server_send(s);
	}
	server_hang_up(s);
	run_free(s);
	loop_del(&s->listener);
	loop_del(&s->event);
	if (s->listener.fd >= 0)
		close(s->listener.fd);
	if (s->event.fd >= 0)
		close(s->event.fd);
	if (s->path)
		unlink(s->path);
	free(s->path);
}

/* What does not work here is said once, before somebody waits for it. */
static void server_tell_limits(const struct debug_caps *caps,
			       const struct target *t)
{
	bool needs_sw_break = t->breakpoint;

	if (needs_sw_break && !caps->sw_break && caps->breaks)
		log_warn("--gdb: this host's KVM does not stop at breakpoint "
			 "instructions: hardware breakpoints stand in, %u at "
			 "once",
			 caps->breaks);
	else if (needs_sw_break && !caps->sw_break)
		log_warn("--gdb: this host's KVM does not stop at breakpoints");
	else if (!caps->breaks)
		log_warn("--gdb: this host's KVM has no hardware breakpoints");
	if (!caps->watches)
		log_warn("--gdb: this host's KVM has no watchpoints");
	if (!caps->step)
		log_warn("--gdb: this host's KVM cannot step%s",
			 t->steps ? ": breakpoints stand in, and other vCPUs "
				    "stand meanwhile"
				  : "");
}

struct gdbstub *gdbstub_new(const char *spec, const struct gdbstub_machine *m,
			    bool wait, struct err *err)
{
	struct gdbstub *s = calloc(1, sizeof(*s));
	struct server_call c = {
		.s = s, .spec = spec, .wait = wait, .err = err
	};
	struct vcpu *first = &m->cpus->cpu[0];

	if (!s) {
		err_nomem(err, "the debugger");
		return NULL;
	}
	s->m = *m;
	s->listener.fd = s->rx.fd = s->tx.fd = s->event.fd = -1;
	if (!first->vm->accel->debug_set) {
		err_set(err, ENOTSUP, "--gdb: %s cannot be debugged here",
			first->vm->accel->name);
		free(s);
		return NULL;
	}
	first->vm->accel->debug_caps(first, &s->caps);
	server_tell_limits(&s->caps, m->target);
	if (iothread_start(&s->thread, "gdb", err) < 0) {
		free(s);
		return NULL;
	}
	loop_call(s->thread.loop, server_start, &c);
	if (!c.ret)
		return s;
	gdbstub_end(s, 0);
	return NULL;
}

void gdbstub_end(struct gdbstub *s, int status)
{
	struct server_call c = { .s = s, .status = status };

	if (!s)
		return;
	loop_call(s->thread.loop, server_finish, &c);
	iothread_stop(&s->thread);
	free(s);
}
