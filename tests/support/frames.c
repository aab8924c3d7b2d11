/* SPDX-License-Identifier: MIT */
/* Ethernet frames for network tests. */
#include "tests/support/frames.h"

#include <arpa/inet.h>
#include <string.h>

static void frame_be16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void frame_ip(uint8_t *p, const char *ip)
{
	struct in_addr a = { 0 };

	inet_pton(AF_INET, ip, &a);
	memcpy(p, &a, 4);
}

static size_t frame_eth(uint8_t *f, const uint8_t *from, const uint8_t *to,
			unsigned type)
{
	if (to)
		memcpy(f, to, 6);
	else
		memset(f, 0xff, 6);
	memcpy(f + 6, from, 6);
	frame_be16(f + 12, type);
	return 14;
}

size_t frame_arp(uint8_t *f, int op, const uint8_t *from, const char *from_ip,
		 const uint8_t *to, const char *to_ip)
{
	size_t n = frame_eth(f, from, to, 0x0806);

	frame_be16(f + n, 1);
	frame_be16(f + n + 2, 0x0800);
	f[n + 4] = 6;
	f[n + 5] = 4;
	frame_be16(f + n + 6, (unsigned)op);
	memcpy(f + n + 8, from, 6);
	frame_ip(f + n + 14, from_ip);
	memset(f + n + 18, 0, 6);
	if (to)
		memcpy(f + n + 18, to, 6);
	frame_ip(f + n + 24, to_ip);
	return n + 28;
}

/* The Internet checksum's sum, not yet folded [RFC 1071]. */
static uint32_t frame_sum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return sum;
}

static unsigned frame_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* The IP header of len bytes of proto; where they go. */
static uint8_t *frame_ipv4(uint8_t *f, const uint8_t *from, const uint8_t *to,
			   const char *from_ip, const char *to_ip,
			   uint8_t proto, size_t len)
{
	uint8_t *ip = f + frame_eth(f, from, to, 0x0800);

	memset(ip, 0, 20 + len);
	ip[0] = 0x45;
	frame_be16(ip + 2, (unsigned)(20 + len));
	ip[8] = 64;
	ip[9] = proto;
	frame_ip(ip + 12, from_ip);
	frame_ip(ip + 16, to_ip);
	frame_be16(ip + 10, frame_fold(frame_sum(ip, 20)));
	return ip + 20;
}

/* The checksum of len bytes of proto behind their IP header. */
static unsigned frame_pseudo(const uint8_t *data, uint8_t proto, size_t len)
{
	return frame_fold(frame_sum(data - 8, 8) + proto + (uint32_t)len +
			  frame_sum(data, len));
}

size_t frame_udp(uint8_t *f, const uint8_t *from, const uint8_t *to,
		 const char *from_ip, const char *to_ip, unsigned from_port,
		 unsigned to_port, const void *data, size_t len)
{
	uint8_t *udp = frame_ipv4(f, from, to, from_ip, to_ip, 17, 8 + len);

	frame_be16(udp, from_port);
	frame_be16(udp + 2, to_port);
	frame_be16(udp + 4, (unsigned)(8 + len));
	memcpy(udp + 8, data, len);
	frame_be16(udp + 6, frame_pseudo(udp, 17, 8 + len));
	return 14 + 28 + len;
}

size_t frame_tcp(uint8_t *f, const uint8_t *from, const uint8_t *to,
		 const char *from_ip, const char *to_ip, unsigned from_port,
		 unsigned to_port, uint8_t flags)
{
	uint8_t *tcp = frame_ipv4(f, from, to, from_ip, to_ip, 6, 20);

	frame_be16(tcp, from_port);
	frame_be16(tcp + 2, to_port);
	tcp[12] = 5 << 4;
	tcp[13] = flags;
	frame_be16(tcp + 14, 8192);
	frame_be16(tcp + 16, frame_pseudo(tcp, 6, 20));
	return 14 + 40;
}

size_t frame_ping(uint8_t *f, const uint8_t *from, const uint8_t *to,
		  const char *from_ip, const char *to_ip)
{
	uint8_t *icmp = frame_ipv4(f, from, to, from_ip, to_ip, 1, 8);

	icmp[0] = 8;
	frame_be16(icmp + 2, frame_fold(frame_sum(icmp, 8)));
	return 14 + 28;
}
