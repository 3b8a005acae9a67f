# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# How fast can a guest run here?  /dev/kvm may be missing, forbidden, or, inside
# another virtual machine, there and unable to run anything.

# probe_kvm VMLINUZ INITRD: does a guest get as far as its first process in a few seconds?
probe_kvm() {
	local log pid i
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || return 1
	log=$(mktemp "$vm_cache/probe.XXXXXX")
	qemu-system-x86_64 -accel kvm -machine q35 -cpu host -m 512M -display none -nodefaults \
		-no-reboot -serial null -serial "file:$log" -kernel "$1" -initrd "$2" \
		-append "quiet panic=-1 rdinit=/init" >/dev/null 2>&1 </dev/null &
	pid=$!
	for ((i = 0; i < 100; i++)); do
		if grep -q '^@ready' "$log"; then
			break
		fi
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	# It isn't waited for: a process inside a broken KVM may not end at all.
	kill -9 "$pid" 2>/dev/null || true
	disown "$pid" 2>/dev/null || true
	grep -q '^@ready' "$log"
	i=$?
	rm -f "$log"
	return $i
}

# accel VMLINUZ INITRD: "kvm" or "tcg"; the answer is kept until this machine starts anew
accel() {
	local answer boot
	if [ -n "${CAUSEWAY_VM_ACCEL-}" ]; then
		echo "$CAUSEWAY_VM_ACCEL"
		return
	fi
	boot=$(cat /proc/sys/kernel/random/boot_id)
	answer=$(field "$boot" <"$vm_cache/accel" 2>/dev/null || true)
	if [ -z "$answer" ]; then
		answer=tcg
		[ ! -e /dev/kvm ] || say "does KVM work here? (ten seconds at most, once)"
		! probe_kvm "$1" "$2" || answer=kvm
		echo "$boot=$answer" >"$vm_cache/accel"
		say "guests run with $answer"
	fi
	echo "$answer"
}
