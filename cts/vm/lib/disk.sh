# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The guest's disks: one that is empty, and one with what a build folder holds.

# empty_disk: an ext4 file system for the files of tests; guests write to a copy
empty_disk() {
	local image=$vm_cache/scratch.img
	if [ ! -f "$image" ]; then
		truncate -s 512M "$image.$$"
		mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 "$image.$$"
		mv "$image.$$" "$image"
	fi
	echo "$image"
}

# build_files BUILD: what of a build folder is of use in a guest, relative to it
build_files() {
	(
		cd "$1" || exit 1
		find . -maxdepth 1 -name 'libcauseway*.so*' -printf '%P\n'
		for room in lib libexec; do
			[ ! -d $room ] || find $room \( -type f -o -type l \) -print
		done
		[ ! -d icd ] || find icd -maxdepth 1 -name '*.icd' -print
		for room in cts samples runtime; do
			[ ! -d $room ] || find $room -type f -executable -not -path '*/CMakeFiles/*' -print
		done
	) | sort
}

# libraries BUILD: of stdin's programs (and of clinfo) all libraries, as the loader names them
libraries() {
	local file
	{
		while IFS= read -r file; do
			echo "$1/$file"
		done
		command -v clinfo || true
	} | xargs -r ldd 2>/dev/null | grep -oE '/[^ ]+\.so[^ ]*' | grep -vF "$1/" | sort -u
	ls /lib/x86_64-linux-gnu/libgcc_s.so.1 2>/dev/null || true
	command -v clinfo || true
}

# fill FOLDER BUILD: lay the disk's contents out
fill() {
	local file list
	mkdir -p "$1"/{build,usr,lib,lib64}
	list=$(build_files "$2")
	(cd "$2" && xargs -r -d '\n' cp -a --parents -t "$1/build") <<<"$list"
	while IFS= read -r file; do
		mkdir -p "$1$(dirname "$file")"
		cp -L "$file" "$1$file"
	done < <(libraries "$2" <<<"$list")
}

# build_disk BUILD: the image of a build folder as it is now
build_disk() {
	local image key folder size
	key=$({
		echo "$1"
		hash_files "$vm_top/lib/disk.sh"
		cd "$1" && build_files . | xargs -r -d '\n' stat -L -c '%n %s %Y'
	} | hash)
	image=$vm_cache/disk-$key.img
	if [ ! -f "$image" ]; then
		folder=$(mktemp -d "$vm_cache/disk.XXXXXX")
		fill "$folder" "$1"
		size=$(du -sm "$folder" | cut -f1)
		truncate -s $((size * 5 / 4 + 64))M "$folder.img"
		mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$folder" "$folder.img"
		rm -rf "$folder"
		mv "$folder.img" "$image"
		# Of builds that have changed since, nobody will ask again.
		find "$vm_cache" -maxdepth 1 -name 'disk-*.img' -printf '%T@ %p\n' | sort -rn |
			tail -n +7 | cut -d' ' -f2- | xargs -r rm -f
	fi
	echo "$image"
}
