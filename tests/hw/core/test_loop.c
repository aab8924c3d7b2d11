/* SPDX-License-Identifier: MIT */
/* hw/core/loop and clock: calls, descriptors, idle work, timers. */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hw/core/clock.h"
#include "hw/core/loop.h"
#include "tests/test.h"

static void note_thread(void *arg)
{
	*(pthread_t *)arg = pthread_self();
}

TEST(loop_call_runs_on_the_loops_thread_and_waits)
{
	struct iothread t = { 0 };
	struct err err = { 0 };
	pthread_t who = pthread_self();

	CHECK_EQ(iothread_start(&t, "test", &err), 0);
	CHECK(!loop_is_mine(t.loop));
	for (int i = 0; i < 1000; i++) {
		who = pthread_self();
		loop_call(t.loop, note_thread, &who);
		CHECK(pthread_equal(who, t.thread));
	}
	iothread_stop(&t);
	iothread_stop(&t); /* and again does nothing */
}

struct pair {
	struct loop *loop;
	struct loop_fd a, b;
	unsigned fired;
};

static void pair_ready(void *opaque, uint32_t events)
{
	struct pair *p = opaque;

	CHECK(events & EPOLLIN);
	p->fired++;
	loop_del(&p->a); /* both are ready: the second must not fire */
	loop_del(&p->b);
	loop_stop(p->loop);
}

TEST(loop_does_not_call_a_deleted_descriptor)
{
	struct err err = { 0 };
	struct pair p = { .loop = loop_new(&err) };

	p.a = (struct loop_fd){ .fd = eventfd(1, EFD_NONBLOCK),
				.events = EPOLLIN,
				.ready = pair_ready,
				.opaque = &p };
	p.b = p.a;
	p.b.fd = eventfd(1, EFD_NONBLOCK);
	CHECK_EQ(loop_add(p.loop, &p.a, &err), 0);
	CHECK_EQ(loop_add(p.loop, &p.b, &err), 0);
	loop_mod(&p.a, 0);
	loop_mod(&p.a, EPOLLIN);
	loop_run(p.loop);
	CHECK_EQ(p.fired, 1);
	close(p.a.fd);
	close(p.b.fd);
	loop_free(p.loop);
}

struct count {
	struct loop *loop;
	unsigned left;
};

static bool count_down(void *opaque)
{
	struct count *c = opaque;

	if (--c->left == 0)
		loop_stop(c->loop);
	return c->left > 0;
}

TEST(loop_idle_work_keeps_the_loop_from_blocking)
{
	struct err err = { 0 };
	struct count c = { loop_new(&err), 5 };
	struct loop_idle idle = { .run = count_down, .opaque = &c };

	loop_idle_add(c.loop, &idle);
	loop_run(c.loop);
	CHECK_EQ(c.left, 0);
	loop_idle_del(c.loop, &idle);
	loop_free(c.loop);
}

#define TURN_THREADS 4

/* What several threads ask of one loop. */
struct turns {
	struct loop *loop;
	pthread_t thread[TURN_THREADS];
	int inside; /* atomic */
	unsigned done, rounds;
	bool met;
	int left; /* atomic: threads that are not through */
};

static void turn_taken(void *arg)
{
	struct turns *t = arg;

	t->met |= __atomic_add_fetch(&t->inside, 1, __ATOMIC_SEQ_CST) != 1;
	usleep(100);
	t->done++;
	__atomic_sub_fetch(&t->inside, 1, __ATOMIC_SEQ_CST);
}

static void turn_nested(void *arg)
{
	struct turns *t = arg;

	t->met |= !loop_is_mine(t->loop);
	loop_call(t->loop, turn_taken, t);
}

static void *turns_take(void *arg)
{
	struct turns *t = arg;

	for (int i = 0; i < 50; i++)
		loop_call(t->loop, i % 2 ? turn_taken : turn_nested, t);
	return NULL;
}

static bool turn_idle(void *opaque)
{
	struct turns *t = opaque;

	turn_taken(t);
	loop_stop(t->loop);
	return false;
}

/* As at both ends of a machine's life, when its CPUs run and the loop not. */
TEST(loop_calls_come_one_at_a_time_whether_it_runs_or_not)
{
	struct err err = { 0 };
	struct turns t = { .loop = loop_new(&err) };
	struct loop_idle idle = { .run = turn_idle, .opaque = &t };

	loop_idle_add(t.loop, &idle);
	for (int i = 0; i < TURN_THREADS; i++)
		CHECK_EQ(pthread_create(&t.thread[i], NULL, turns_take, &t), 0);
	for (int i = 0; i < 5; i++) {
		usleep(1000);
		loop_run(t.loop);
	}
	for (int i = 0; i < TURN_THREADS; i++)
		pthread_join(t.thread[i], NULL);
	CHECK(!t.met);
	CHECK(t.done >= 50 * TURN_THREADS);
	loop_idle_del(t.loop, &idle);
	loop_free(t.loop);
}

static void *turns_storm(void *arg)
{
	struct turns *t = arg;

	turns_take(t);
	if (__atomic_sub_fetch(&t->left, 1, __ATOMIC_SEQ_CST) == 0)
		loop_stop(t->loop);
	return NULL;
}

/* The first round lets them loose. */
static bool turn_round(void *opaque)
{
	struct turns *t = opaque;

	for (int i = 0; !t->rounds && i < TURN_THREADS; i++)
		t->met |= pthread_create(&t->thread[i], NULL, turns_storm, t);
	t->rounds++;
	return false;
}

/* A call of each thread waits at most: then other work has its turn. */
TEST(loop_calls_without_end_do_not_keep_it_from_other_work)
{
	struct err err = { 0 };
	struct turns t = { .loop = loop_new(&err), .left = TURN_THREADS };
	struct loop_idle idle = { .run = turn_round, .opaque = &t };

	loop_idle_add(t.loop, &idle);
	loop_run(t.loop);
	for (int i = 0; i < TURN_THREADS; i++)
		pthread_join(t.thread[i], NULL);
	CHECK(!t.met);
	CHECK(t.rounds >= t.done / TURN_THREADS);
	loop_idle_del(t.loop, &idle);
	loop_free(t.loop);
}

static void *claimed_call(void *arg)
{
	struct turns *t = arg;
	pthread_t who = pthread_self();

	loop_call(t->loop, note_thread, &who);
	t->thread[1] = who;
	__atomic_store_n(&t->left, 0, __ATOMIC_SEQ_CST);
	loop_stop(t->loop);
	return NULL;
}

/* What a thread has begun there, such as an io_uring, it alone can end. */
TEST(loop_that_is_claimed_runs_calls_on_that_thread_only)
{
	struct err err = { 0 };
	struct turns t = { .loop = loop_new(&err), .left = 1 };

	loop_claim(t.loop);
	for (int i = 0; i < 2; i++) {
		CHECK(loop_is_mine(t.loop));
		turn_nested(&t);
		__atomic_store_n(&t.left, 1, __ATOMIC_SEQ_CST);
		CHECK_EQ(pthread_create(&t.thread[0], NULL, claimed_call, &t),
			 0);
		usleep(20000);
		CHECK_EQ(__atomic_load_n(&t.left, __ATOMIC_SEQ_CST), 1);
		loop_run(t.loop);
		pthread_join(t.thread[0], NULL);
		CHECK(pthread_equal(t.thread[1], pthread_self()));
	}
	CHECK(!t.met);
	CHECK_EQ(t.done, 2);
	loop_free(t.loop);
}

static uint64_t now, armed;
static uint64_t fake_now(struct clock *c)
{
	(void)c;
	return now;
}

static void fake_rearm(struct clock *c, uint64_t deadline)
{
	(void)c;
	armed = deadline;
}

static char order[8];
static void fire(void *opaque)
{
	strcat(order, opaque);
}

TEST(clock_fires_timers_in_order_and_once)
{
	struct clock c = { .now_ns = fake_now, .rearm = fake_rearm };
	struct timer a = { .fire = fire, .opaque = "a" },
		     b = { .fire = fire, .opaque = "b" },
		     d = { .fire = fire, .opaque = "d" };

	clock_init(&c);
	now = 0;
	order[0] = '\0';
	timer_arm(&c, &a, 30);
	CHECK_EQ(armed, 30);
	timer_arm(&c, &b, 10);
	CHECK_EQ(armed, 10);
	timer_arm(&c, &d, 20);
	timer_arm(&c, &a, 15); /* moved forward */
	timer_disarm(&c, &d);
	now = 14;
	clock_run(&c);
	CHECK_STR(order, "b");
	CHECK_EQ(armed, 15);
	now = 100;
	clock_run(&c);
	clock_run(&c);
	CHECK_STR(order, "ba");
	CHECK_EQ(armed, UINT64_MAX);
	clock_destroy(&c);
}
