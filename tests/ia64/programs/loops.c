/* SPDX-License-Identifier: MIT */
/* Loops as compilers pipeline them, and loads that they would hoist above
 * stores and above the tests that guard them. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define N 257
static int32_t a[N], b[N], c[N];
static uint8_t bytes[N], text[N];
static uint64_t seed = 42;

static uint32_t next(void)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(seed >> 33);
}

static __attribute__((noinline)) int64_t dot(const int32_t *x, const int32_t *y,
					     int n)
{
	int64_t s = 0;

	for (int i = 0; i < n; i++)
		s += (int64_t)x[i] * y[i];
	return s;
}

static __attribute__((noinline)) void add(int32_t *x, const int32_t *y,
					  const int32_t *z, int n)
{
	for (int i = 0; i < n; i++)
		x[i] = y[i] * 3 - z[i];
}

static __attribute__((noinline)) void prefix(int32_t *x, int n)
{
	for (int i = 1; i < n; i++)
		x[i] = (int32_t)((uint32_t)x[i] + (uint32_t)x[i - 1]);
}

/* p may point into the array, so each load must see the store before it. */
static __attribute__((noinline)) int32_t alias(int32_t *x, int32_t *p, int n)
{
	int32_t s = 0;

	for (int i = 0; i < n; i++) {
		x[i] = s + i;
		s ^= *p;
	}
	return s;
}

struct node {
	struct node *next;
	int32_t val;
};
/* The load of p->val is often speculated above the test of p. */
static __attribute__((noinline)) int32_t list(const struct node *p, int32_t min)
{
	int32_t s = 0;

	while (p && p->val >= min) {
		s = s * 5 + p->val;
		p = p->next;
	}
	return s;
}

static __attribute__((noinline)) int32_t guarded(const int32_t *p, int ok)
{
	return ok ? *p + 1 : -1;
}

static __attribute__((noinline)) int search(const uint8_t *t, const char *s)
{
	for (int i = 0; t[i]; i++) {
		int j = 0;

		while (s[j] && t[i + j] == (uint8_t)s[j])
			j++;
		if (!s[j])
			return i;
	}
	return -1;
}

static __attribute__((noinline)) uint32_t crc(const uint8_t *p, int n)
{
	uint32_t r = 0xffffffff;

	for (int i = 0; i < n; i++) {
		r ^= p[i];
		for (int k = 0; k < 8; k++)
			r = r >> 1 ^ (0xedb88320 & -(r & 1));
	}
	return ~r;
}

static __attribute__((noinline)) unsigned sieve(void)
{
	unsigned count = 0;

	memset(bytes, 1, N);
	for (unsigned i = 2; i < N; i++) {
		if (!bytes[i])
			continue;
		count++;
		for (unsigned j = i * i; j < N; j += i)
			bytes[j] = 0;
	}
	return count;
}

static __attribute__((noinline)) void matrix(void)
{
	static int32_t x[20][20], y[20][20], z[20][20];
	uint32_t s = 0;

	for (int i = 0; i < 20; i++)
		for (int j = 0; j < 20; j++) {
			x[i][j] = (int32_t)(next() % 1000);
			y[i][j] = (int32_t)(next() % 1000);
		}
	for (int i = 0; i < 20; i++)
		for (int j = 0; j < 20; j++) {
			z[i][j] = 0;
			for (int k = 0; k < 20; k++)
				z[i][j] += x[i][k] * y[k][j];
		}
	for (int i = 0; i < 20; i++)
		for (int j = 0; j < 20; j++)
			s = s * 31 + (uint32_t)z[i][j];
	printf("matrix %u\n", s);
}

static __attribute__((noinline)) const char *word(unsigned v)
{
	switch (v % 11) {
	case 0: return "zero";
	case 1: return "one";
	case 2: return "two";
	case 3: return "three";
	case 5: return "five";
	case 7: return "seven";
	case 9: return "nine";
	default: return "other";
	}
}

int main(void)
{
	static struct node nodes[50];

	for (int i = 0; i < N; i++) {
		a[i] = (int32_t)next();
		b[i] = (int32_t)(next() & 0xffff);
		c[i] = (int32_t)(next() & 0xffff);
		text[i] = (uint8_t)('a' + next() % 3);
	}
	text[N - 1] = 0;
	for (int n = 0; n < N; n += 5) {
		add(a, b, c, n);
		prefix(c, n);
		for (int i = 0; i < n; i++)
			c[i] &= 0xffff;
		printf("%d %ld %d\n", n, (long)dot(a, b, n), c[n / 2]);
	}
	for (int i = 0; i < 20; i++)
		printf("alias %d\n", alias(a, &a[i * 7 % 60], 50));
	for (int i = 0; i < 50; i++) {
		nodes[i].val = 100 - i;
		nodes[i].next = i < 49 ? &nodes[i + 1] : NULL;
	}
	printf("list %d %d %d\n", list(nodes, 0), list(nodes, 80),
	       list(NULL, 0));
	printf("guarded %d %d\n", guarded(NULL, 0), guarded(&b[3], 1));
	printf("search %d %d %d\n", search(text, "abc"),
	       search(text, "aaaaaaa"), search(text, "d"));
	printf("crc %08x sieve %u\n", crc(text, N), sieve());
	matrix();
	for (unsigned i = 0; i < 12; i++)
		printf("%s ", word(next()));
	printf("\n");
	return 0;
}
