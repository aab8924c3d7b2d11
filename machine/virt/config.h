/* SPDX-License-Identifier: MIT */
/* What the user asked of the machine, before anything is resolved. */
#ifndef MACHINE_VIRT_CONFIG_H
#define MACHINE_VIRT_CONFIG_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/core/board.h"
#include "hw/core/err.h"
#include "hw/core/log.h"
#include "hw/core/mem.h"

#define VM_MAX_CPUS 1024

/* The choices of each, in words, are the vm_*_names[] tables below. */
enum vm_machine { VM_MACHINE_VIRT };
enum vm_accel { VM_ACCEL_KVM };
enum vm_irqchip { VM_IRQCHIP_AUTO, VM_IRQCHIP_KERNEL, VM_IRQCHIP_SPLIT };
enum vm_transport { VM_TRANSPORT_PCI, VM_TRANSPORT_MMIO };
enum vm_on_reboot { VM_ON_REBOOT_RESET, VM_ON_REBOOT_EXIT };
enum vm_on_panic { VM_ON_PANIC_EXIT, VM_ON_PANIC_STAY };
enum vm_rtc { VM_RTC_UTC, VM_RTC_LOCALTIME, VM_RTC_FIXED };
enum vm_cache { VM_CACHE_NONE, VM_CACHE_WRITEBACK, VM_CACHE_UNSAFE };
enum vm_aio { VM_AIO_AUTO, VM_AIO_IO_URING, VM_AIO_LIBAIO, VM_AIO_THREADS };
enum vm_net_kind { VM_NET_USER, VM_NET_TAP, VM_NET_NONE };

/* --cpus; 0: to be derived by vm_config_check() */
struct vm_cpus {
	uint64_t count;
	uint64_t sockets, cores, threads; /* cores a socket, threads a core */
};

struct vm_memory {
	uint64_t size;
	struct mem_config how;
};

struct vm_disk {
	char *file;
	bool readonly, snapshot;
	int cache, aio;	 /* enum vm_cache, enum vm_aio */
	char *serial;	 /* NULL: none */
	char *iothread;	 /* NULL: the machine's choice */
	uint64_t queues; /* 0: the machine's choice */
};

struct vm_net {
	int kind;	/* enum vm_net_kind */
	char **hostfwd; /* "tcp:127.0.0.1:2222-:22", in order */
	unsigned nhostfwd;
	char *ifname; /* NULL: the kernel's choice */
	bool has_mac;
	uint8_t mac[6];
	uint64_t queues; /* 0: the machine's choice */
	char *iothread;
};

/* --device NAME[,key=value...]: the class's own table parses the rest. */
struct vm_device {
	char *name;
	char *props; /* "key=value,..." or NULL */
};

struct vm_pin {
	unsigned vcpu;
	cpu_set_t cpus; /* of the host */
};

struct vm_config {
	int arch;      /* enum arch */
	int machine;   /* enum vm_machine */
	bool pit;      /* x86: the 8254 as well */
	int accel;     /* enum vm_accel */
	int irqchip;   /* enum vm_irqchip */
	int transport; /* enum vm_transport, of virtio devices */
	char *name;    /* of the VM; NULL: none */

	char *kernel;	  /* NULL: the demonstration guest */
	char *initrd;	  /* NULL: none */
	char *append;	  /* the kernel's command line; NULL: the default */
	int kernel_entry; /* enum boot_entry */
	bool kaslr;

	struct vm_cpus cpus;
	char *cpu; /* "host" or a model, then ",+feat,-feat"; NULL: host */
	struct vm_memory memory;
	struct vm_pin *pins;
	unsigned npins;

	/* "stdio", "null", "file:PATH", "unix:PATH", "pty"; NULL: default */
	char *serial;
	char *console; /* virtio-console; NULL: there is none */
	struct vm_disk *disks;
	unsigned ndisks;
	struct vm_net *nets; /* "none" among them says so, no more */
	unsigned nnets;
	struct vm_device *devices;
	unsigned ndevices;
	char **iothreads; /* names */
	unsigned niothreads;
	int rtc;	   /* enum vm_rtc */
	int64_t rtc_epoch; /* VM_RTC_FIXED: seconds since 1970 UTC */

	uint64_t timeout_s; /* 0: none */
	char *expect;	    /* extended regular expressions, or NULL */
	char *fail_on;
	int on_reboot; /* enum vm_on_reboot */
	int on_panic;  /* enum vm_on_panic */
};

/* NULL-terminated, indexed by the enums above. */
extern const char *const vm_arch_names[];
extern const char *const vm_machine_names[];
extern const char *const vm_accel_names[];
extern const char *const vm_irqchip_names[];
extern const char *const vm_transport_names[];
extern const char *const vm_on_reboot_names[];
extern const char *const vm_on_panic_names[];
extern const char *const vm_cache_names[];
extern const char *const vm_aio_names[];
extern const char *const vm_net_names[];
extern const char *const vm_hugepages_names[]; /* enum mem_hugepages */

/* The defaults; the host's architecture. */
void vm_config_init(struct vm_config *c);
/*
 * Derives what was left open (CPU topology, serial, ...) and refuses what
 * contradicts itself.  Looks at nothing outside *c: the same everywhere.
 */
int vm_config_check(struct vm_config *c, struct err *err) MUST_CHECK;
/* Frees what the fields own; *c may be init()ed again. */
void vm_config_free(struct vm_config *c);

#endif
