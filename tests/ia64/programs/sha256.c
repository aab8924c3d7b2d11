/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4) of texts of every length up to 300, and of a long one.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t k[64], h[8];

static uint32_t rotate(uint32_t v, int n)
{
	return v >> n | v << (32 - n);
}

/* The first 32 bits of the fractional part of a root of n, by bisection. */
static uint32_t root(unsigned n, int cube)
{
	uint64_t low = 0, high = (uint64_t)1 << 36;

	while (high - low > 1) {
		uint64_t mid = (low + high) / 2;
		unsigned __int128 p = (unsigned __int128)mid * mid;

		/* mid is the root times 2 to the 32nd */
		if ((cube ? p * mid >> 96 : p >> 64) >= n)
			high = mid;
		else
			low = mid;
	}
	return (uint32_t)low;
}

static void constants(void)
{
	unsigned found = 0;

	for (unsigned n = 2; found < 64; n++) {
		unsigned d = 2;

		while (d * d <= n && n % d)
			d++;
		if (d * d <= n)
			continue;
		k[found] = root(n, 1);
		if (found < 8)
			h[found] = root(n, 0);
		found++;
	}
}

static void block(uint32_t *s, const uint8_t *p)
{
	uint32_t w[64], v[8];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
		       (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	for (int i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] +
		       (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^
			w[i - 15] >> 3) +
		       (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^
			w[i - 2] >> 10);
	memcpy(v, s, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t t1 =
			v[7] + k[i] + w[i] + ((v[4] & v[5]) ^ (~v[4] & v[6])) +
			(rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25));
		uint32_t t2 =
			((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])) +
			(rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22));

		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		s[i] += v[i];
}

static void digest(const uint8_t *data, size_t size, uint32_t *s)
{
	uint8_t last[128] = { 0 };
	size_t whole = size / 64 * 64, rest = size - whole;
	size_t end = rest < 56 ? 64 : 128;

	memcpy(s, h, sizeof(h));
	for (size_t i = 0; i < whole; i += 64)
		block(s, data + i);
	memcpy(last, data + whole, rest);
	last[rest] = 0x80;
	for (int i = 0; i < 8; i++)
		last[end - 1 - (size_t)i] =
			(uint8_t)((uint64_t)size * 8 >> 8 * i);
	for (size_t i = 0; i < end; i += 64)
		block(s, last + i);
}

static void show(size_t size, const uint32_t *s)
{
	printf("%lu: ", (unsigned long)size);
	for (int i = 0; i < 8; i++)
		printf("%08x", s[i]);
	printf("\n");
}

int main(void)
{
	static uint8_t data[200000];
	uint32_t s[8];

	constants();
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * i + (i >> 5));
	for (size_t n = 0; n < 300; n += 7) {
		digest(data, n, s);
		show(n, s);
	}
	digest(data, sizeof(data), s);
	show(sizeof(data), s);
	return 0;
}
