# SPDX-License-Identifier: MIT
# What vmm check says of a host with SVM, and how a machine ends and restarts under its
# KVM: what tests/guest/suites/platform tries on KVMs that have no such thing.
# scenario: timeout=240 needs=guests kernels=
want 0 "vmm check finds that guests can run" $VMM check
saw "^  hardware virtualization \(SVM\) +yes" "hardware virtualization"
saw "^  guest kernel code +native" "a kernel runs on the CPU"
saw "^  nested paging \(NPT\) +yes: " "nested paging"
saw "^  tagged TLB \(ASID\) +yes: " "a tagged TLB"
saw "^  virtual APIC \(AVIC\) +no: " "no virtual APIC"
saw "^  TPR acceleration \(V_TPR\) +yes: " "TPR acceleration"

# ends STATUS HOW WHAT [VMM OPTION...]
ends() {
	st=$1 how=$2 what=$3; shift 3
	want "$st" "$what" $VMM run -m 64M -k /guests/platform -p "end=$how" "$@"
}

ends 121 triple "a triple fault is 121"
saw "^vmm: vcpu0 crashed: triple fault" "says so"
ends 121 emulate "an instruction that KVM cannot emulate is 121"
saw "^vmm: vcpu0 crashed: KVM internal error 1: " "says so"
saw "^rip .*eflags" "shows registers"
saw "^code at .*<f0> 48 0f c7 0f" "and its code"
truncate -s 1M d
want 0 "a reset, with its disk" $VMM run -m 64M -k /guests/platform -p twice=acpi -d d
saw "^ok .* the machine came back after a reset" "it came back"
same "each register is as before" "$(grep -c '^not ok' "$OUT")" 0
want 0 "an ELF kernel is entered by Multiboot" $VMM run --kernel-entry multiboot \
	-k /guests/platform
same "and finds its machine" "$(grep -c '^not ok' "$OUT")" 0
