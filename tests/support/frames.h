/* SPDX-License-Identifier: MIT */
/* Ethernet frames for network tests. */
#ifndef TESTS_SUPPORT_FRAMES_H
#define TESTS_SUPPORT_FRAMES_H

#include <stddef.h>
#include <stdint.h>

/*
 * Write a frame to f and return its length.  op: 1 request, 2 reply; a NULL
 * MAC address is the broadcast one.  Checksums are right.
 */
size_t frame_arp(uint8_t *f, int op, const uint8_t *from, const char *from_ip,
		 const uint8_t *to, const char *to_ip);
size_t frame_udp(uint8_t *f, const uint8_t *from, const uint8_t *to,
		 const char *from_ip, const char *to_ip, unsigned from_port,
		 unsigned to_port, const void *data, size_t len);
/* Without data; flags as in the header. */
size_t frame_tcp(uint8_t *f, const uint8_t *from, const uint8_t *to,
		 const char *from_ip, const char *to_ip, unsigned from_port,
		 unsigned to_port, uint8_t flags);
/* An echo request without data. */
size_t frame_ping(uint8_t *f, const uint8_t *from, const uint8_t *to,
		  const char *from_ip, const char *to_ip);

#endif
