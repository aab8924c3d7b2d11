/* SPDX-License-Identifier: MIT */
/* The machine's clock: the host's, on a timerfd of the main loop. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "machine/virt/vm_priv.h"

#define NS_PER_S INT64_C(1000000000)

static uint64_t host_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static uint64_t vm_clock_now(struct clock *c)
{
	const struct vm *vm = c->opaque;

	return host_ns(CLOCK_MONOTONIC) - vm->started_ns;
}

static int64_t vm_clock_wall(struct clock *c)
{
	(void)c;
	return (int64_t)host_ns(CLOCK_REALTIME);
}

static void vm_clock_rearm(struct clock *c, uint64_t deadline_ns)
{
	const struct vm *vm = c->opaque;
	struct itimerspec when = { 0 };
	uint64_t at;

	if (deadline_ns != UINT64_MAX &&
	    !__builtin_add_overflow(vm->started_ns, deadline_ns, &at)) {
		when.it_value.tv_sec = (time_t)(at / NS_PER_S);
		when.it_value.tv_nsec = (long)(at % NS_PER_S);
	}
	timerfd_settime(vm->clock_fd.fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void vm_clock_ready(void *opaque, uint32_t events)
{
	struct vm *vm = opaque;
	uint64_t expirations;

	(void)events;
	if (read(vm->clock_fd.fd, &expirations, sizeof(expirations)) > 0)
		clock_run(&vm->clock);
}

int vm_clock_init(struct vm *vm, struct err *err)
{
	vm->clock = (struct clock){ .now_ns = vm_clock_now,
				    .wall_ns = vm_clock_wall,
				    .rearm = vm_clock_rearm,
				    .opaque = vm };
	clock_init(&vm->clock);
	vm->started_ns = host_ns(CLOCK_MONOTONIC);
	vm->clock_fd = (struct loop_fd){
		.fd = timerfd_create(CLOCK_MONOTONIC,
				     TFD_CLOEXEC | TFD_NONBLOCK),
		.events = EPOLLIN,
		.ready = vm_clock_ready,
		.opaque = vm,
	};
	if (vm->clock_fd.fd < 0)
		return err_set(err, errno, "cannot make a timer: %s",
			       strerror(errno));
	return loop_add(vm->loop, &vm->clock_fd, err);
}

void vm_clock_destroy(struct vm *vm)
{
	if (!vm->clock.opaque)
		return;
	loop_del(&vm->clock_fd);
	if (vm->clock_fd.fd >= 0)
		close(vm->clock_fd.fd);
	clock_destroy(&vm->clock);
}
