# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The guest: its initramfs and its machine.

# mib SIZE: "2G" in MiB
mib() {
	case $1 in
	*[Gg]) echo $((${1%?} * 1024)) ;;
	*[Mm]) echo "${1%?}" ;;
	*) die "a size is like 512M or 2G, not $1" ;;
	esac
}

# place_memory SIZE: where the guest's special memory is, at the upper end of what lies below 2 GiB
#   512 MiB that no one else uses, for device memory of the forms coherent and node
#   64 MiB of persistent memory, for files mapped by DAX
place_memory() {
	local top
	top=$(mib "$1")
	[ "$top" -ge 1024 ] || die "the guest needs 1G of memory at least"
	[ "$top" -le 2048 ] || top=2048
	top=$((top / 128 * 128))
	reserved_start=$(printf '0x%x' $(((top - 640) << 20)))
	pmem_start=$(printf '0x%x' $(((top - 128) << 20)))
}

# make_initrd FILE JOB [DRIVER [KMD-FOLDER [MODULES [SELFTESTS]]]]: all that a guest needs at once
make_initrd() {
	local root applet driver=${3-} kmd=${4-} modules=${5-} selftests=${6-}
	root=$(mktemp -d "$folder/root.XXXXXX")
	chmod 755 "$root"
	mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp,usr,lib,lib64,modules,kmd,selftests,root}
	cp "$agent" "$root/init"
	cp "$2" "$root/job"
	cp /bin/busybox "$root/bin/"
	for applet in $(/bin/busybox --list | grep -vx busybox); do
		ln -s busybox "$root/bin/$applet"
	done
	printf '#!/bin/sh\nexec /init user "$@"\n' >"$root/bin/user"
	chmod 755 "$root/bin/user"
	printf '%s\n' 'root::0:0::/root:/bin/sh' 'user::1000:1000::/tmp:/bin/sh' >"$root/etc/passwd"
	printf '%s\n' 'root::0:' 'user::1000:' >"$root/etc/group"
	[ -z "$driver" ] || cp "$driver" "$root/modules/"
	[ -z "$modules" ] || cp "$modules"/*.ko "$root/modules/"
	[ -z "$selftests" ] || cp "$selftests"/* "$root/selftests/"
	[ ! -d "$kmd" ] || (cd "$kmd" && find . -type f -executable -not -path '*/CMakeFiles/*' -print0 |
		xargs -0 -r cp --parents -t "$root/kmd")
	(cd "$root" && find . | cpio -o -H newc --quiet) >"$1"
	rm -rf "$root"
}

# boot SERIAL...: run the machine; ends when the guest does.  The nodes 1 and 2 have no memory, but
# the firmware names them, so that the kernel lets a driver bring some: QEMU names a node without
# memory of its own where an NVDIMM is said to be, and the last one for the sake of hotplug.
boot() {
	local cpu=max arguments
	[ "$accel" = tcg ] || cpu=host
	arguments=(-accel "$accel" -machine q35,nvdimm=on -cpu "$cpu" -display none -nodefaults -no-reboot
		-smp "$cpus" -m "$mem,slots=4,maxmem=$(($(mib "$mem") + 4096))M"
		-object "memory-backend-ram,id=ram,size=$mem"
		-numa "node,nodeid=0,cpus=0-$((cpus - 1)),memdev=ram" -numa node,nodeid=1 -numa node,nodeid=2
		-object memory-backend-ram,id=nv,size=128M -device nvdimm,memdev=nv,node=1
		-kernel "$vmlinuz" -initrd "$folder/initrd"
		-drive "file=$(empty_disk),if=none,id=a,format=raw,snapshot=on" -device virtio-blk-pci,drive=a)
	[ -z "$disk" ] ||
		arguments+=(-drive "file=$disk,if=none,id=b,format=raw,snapshot=on" -device virtio-blk-pci,drive=b)
	[ -z "$gdb" ] || arguments+=(-gdb "tcp:localhost:$gdb")
	exec nice -n 5 qemu-system-x86_64 "${arguments[@]}" -append "$(command_line)" "$@"
}

command_line() {
	printf '%s ' console=ttyS0 loglevel=5 panic=-1 oops=panic nokaslr rdinit=/init no_timer_check random.trust_cpu=on \
		"memmap=512M\$$reserved_start" "memmap=64M!$pmem_start" "$append"
}
