/* SPDX-License-Identifier: MIT */
/* The least that KVM can be driven with: what an exit costs without vmm. */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <x86intrin.h>

#define RAM	  0x200000u
#define TABLES	  0x1000u
#define CODE	  0x10000u
#define MMIO	  0xd0000000u
#define PORT	  0x80
#define ROUNDS	  10
#define PTE_USER  7u /* present, writable, user */
#define PTE_LARGE 0x80u

/*
 * Like the guest that vmm runs, in ring 3 with IOPL 3: some KVMs emulate ring
 * 0.  "1: in (%dx), %al; jmp 1b" and "1: mov (%rdi), %eax; jmp 1b".
 */
static const uint8_t loop_pio[] = { 0xec, 0xeb, 0xfd };
static const uint8_t loop_mmio[] = { 0x8b, 0x07, 0xeb, 0xfc };

static int die(const char *what)
{
	perror(what);
	exit(1);
}

static void set_segment(struct kvm_segment *s, uint16_t sel, unsigned type,
			bool code)
{
	*s = (struct kvm_segment){ .limit = 0xffffffff,
				   .selector = sel,
				   .type = (uint8_t)type,
				   .present = 1,
				   .dpl = 3,
				   .s = 1,
				   .g = 1,
				   .l = code,
				   .db = !code };
}

static void set_registers(int cpu, uint64_t rip)
{
	struct kvm_regs r = {
		.rip = rip, .rflags = 0x3002, .rdx = PORT, .rdi = MMIO
	};
	struct kvm_sregs s;

	if (ioctl(cpu, KVM_GET_SREGS, &s) < 0)
		die("KVM_GET_SREGS");
	set_segment(&s.cs, 0x2b, 11, true);
	set_segment(&s.ds, 0x33, 3, false);
	s.es = s.fs = s.gs = s.ss = s.ds;
	s.cr3 = TABLES;
	s.cr4 |= 0x20;	     /* PAE */
	s.cr0 |= 0x80000001; /* PG, PE */
	s.efer |= 0x500;     /* LME, LMA */
	if (ioctl(cpu, KVM_SET_SREGS, &s) < 0 ||
	    ioctl(cpu, KVM_SET_REGS, &r) < 0)
		die("KVM_SET_REGS");
}

/* Identity: RAM by one 2 MiB page, MMIO by one of 1 GiB at its gibibyte. */
static void set_tables(uint8_t *ram)
{
	uint64_t *pml4 = (void *)(ram + TABLES);
	uint64_t *pdpt = (void *)(ram + TABLES + 0x1000);
	uint64_t *pd = (void *)(ram + TABLES + 0x2000);
	uint64_t *mmio = (void *)(ram + TABLES + 0x3000);

	pml4[0] = (TABLES + 0x1000) | PTE_USER;
	pdpt[0] = (TABLES + 0x2000) | PTE_USER;
	pdpt[3] = (TABLES + 0x3000) | PTE_USER;
	pd[0] = PTE_USER | PTE_LARGE;
	mmio[MMIO >> 21 & 511] = MMIO | PTE_USER | PTE_LARGE;
}

/* Ticks of an exit and its way back: the best of ROUNDS means. */
static uint64_t measure(int cpu, struct kvm_run *run, unsigned exits)
{
	uint64_t best = UINT64_MAX;

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t start = __rdtsc(), took;

		for (unsigned i = 0; i < exits / ROUNDS; i++) {
			if (ioctl(cpu, KVM_RUN, 0) < 0)
				die("KVM_RUN");
			if (run->exit_reason == KVM_EXIT_IO)
				*((uint8_t *)run + run->io.data_offset) = 0;
			else if (run->exit_reason == KVM_EXIT_MMIO)
				memset(run->mmio.data, 0, 8);
			else
				exit(fprintf(stderr, "exit %u\n",
					     run->exit_reason) > 0);
		}
		took = (__rdtsc() - start) / (exits / ROUNDS);
		best = took < best ? took : best;
	}
	return best;
}

/* bare_kvm EXITS: prints "pio TICKS" and "mmio TICKS". */
int main(int argc, char **argv)
{
	unsigned exits = argc > 1 ? (unsigned)atoi(argv[1]) : 10000;
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	struct kvm_userspace_memory_region mem = { .memory_size = RAM };
	struct kvm_run *run;
	uint8_t *ram;
	int cpu;

	if (vm < 0)
		die("KVM_CREATE_VM");
	ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mem.userspace_addr = (uintptr_t)ram;
	/* The same chips as vmm's: where the local APIC is matters to KVM. */
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &mem) < 0 ||
	    ioctl(vm, KVM_SET_TSS_ADDR, 0xfeffd000ul) < 0 ||
	    ioctl(vm, KVM_CREATE_IRQCHIP, 0) < 0)
		die("KVM_SET_USER_MEMORY_REGION");
	cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (cpu < 0)
		die("KVM_CREATE_VCPU");
	run = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0),
		   PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	set_tables(ram);
	memcpy(ram + CODE, loop_pio, sizeof(loop_pio));
	memcpy(ram + CODE + 64, loop_mmio, sizeof(loop_mmio));
	set_registers(cpu, CODE);
	printf("pio %lu\n", measure(cpu, run, exits));
	set_registers(cpu, CODE + 64);
	printf("mmio %lu\n", measure(cpu, run, exits));
	return 0;
}
