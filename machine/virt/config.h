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
enum vm_accel { VM_ACCEL_AUTO, VM_ACCEL_KVM, VM_ACCEL_IA64 };
enum vm_acpi { VM_ACPI_AUTO, VM_ACPI_ON, VM_ACPI_OFF };
enum vm_transport { VM_TRANSPORT_PCI, VM_TRANSPORT_MMIO };
enum vm_on_reboot { VM_ON_REBOOT_RESET, VM_ON_REBOOT_EXIT };
enum vm_kaslr { VM_KASLR_AUTO, VM_KASLR_ON, VM_KASLR_OFF };
enum vm_on_panic { VM_ON_PANIC_EXIT, VM_ON_PANIC_STAY };
enum vm_mmu { VM_MMU_AUTO, VM_MMU_RADIX, VM_MMU_HASH };
enum vm_kvm_type { VM_KVM_AUTO, VM_KVM_HV, VM_KVM_PR };
enum vm_rtc { VM_RTC_UTC, VM_RTC_LOCALTIME, VM_RTC_FIXED };

/* --cpus; 0: to be derived by vm_config_check() */
struct vm_cpus {
	uint64_t count;
	uint64_t sockets, cores, threads; /* cores a socket, threads a core */
};

/* --numa: a node of memory and CPUs */
struct vm_numa {
	uint64_t node;
	uint64_t memory; /* 0: a share of what the others leave */
	cpu_set_t cpus;	 /* of the machine; none in any node: shares, too */
	uint8_t distance[BOARD_MAX_NODES]; /* to node 0, 1, ...; 0: unsaid */
	unsigned ndistances;
};

struct vm_memory {
	uint64_t size;
	struct mem_config how;
};

/*
 * One device asked for, in the order of the command line: --disk and --net
 * are short for --device virtio-blk and virtio-net.  The class's own table
 * parses the properties.
 */
struct vm_device {
	char *name;  /* of its class */
	char *props; /* "key=value,..." or NULL */
};

struct vm_pin {
	unsigned vcpu;
	cpu_set_t cpus; /* of the host */
};

struct vm_config {
	int arch;    /* enum arch */
	int machine; /* enum vm_machine */
	bool pit;    /* x86: the 8254 as well */
	int acpi;    /* enum vm_acpi */
	int accel;   /* enum vm_accel */
	int irqchip; /* of vm_irqchip_names[]; 0 is auto */
	bool no_pmu; /* the accelerator has none; no option's */
	/* ppc64le: what the accelerator says; no option's.  pvr 0: nothing. */
	struct board_ppc ppc;
	int mmu;       /* ppc64le: enum vm_mmu */
	int kvm_type;  /* ppc64le: enum vm_kvm_type */
	bool nested;   /* ppc64le: the guest may have guests of its own */
	int transport; /* enum vm_transport, of virtio devices */
	char *name;    /* of the VM; NULL: none */

	char *kernel;	  /* NULL: the demonstration guest */
	char *initrd;	  /* NULL: none */
	char *dtb;	  /* a device tree's file; NULL: the board's */
	char *firmware;	  /* its code, the first flash bank; NULL: none */
	char *pflash;	  /* what it keeps, the second; NULL: none */
	char *append;	  /* the kernel's command line; NULL: the default */
	int kernel_entry; /* enum boot_entry */
	int kaslr;	  /* enum vm_kaslr */
	bool debugged;	  /* somebody means to debug the kernel */

	struct vm_cpus cpus;
	char *cpu; /* "host" or a model, then ",+feat,-feat"; NULL: host */
	struct vm_memory memory;
	struct vm_numa *numa; /* in any order */
	unsigned nnuma;
	struct vm_pin *pins;
	unsigned npins;

	/* "stdio", "null", "file:PATH", "unix:PATH", "pty"; NULL: default */
	char *serial;
	char *console; /* virtio-console; NULL: there is none */
	bool net_none; /* the user insists that there is no network */
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

/*
 * Every word of --irqchip, of all targets; which of them a target has is its
 * own list, struct virt_target's irqchips.
 */
#define VM_IRQCHIP_AUTO 0
extern const char *const vm_irqchip_names[];

/* NULL-terminated, indexed by the enums above. */
extern const char *const vm_arch_names[];
extern const char *const vm_machine_names[];
extern const char *const vm_accel_names[];
extern const char *const vm_acpi_names[];
extern const char *const vm_transport_names[];
extern const char *const vm_kaslr_names[];
extern const char *const vm_on_reboot_names[];
extern const char *const vm_on_panic_names[];
extern const char *const vm_mmu_names[];
extern const char *const vm_kvm_type_names[];
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
