#!/bin/bash
# SPDX-License-Identifier: MIT
# The matrix sample against .npy files that nobody should believe: each must be
# refused with a sentence and status 1, never with a crash.
# usage: t_npy.sh MATRIX-PROGRAM
set -u
matrix=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0

# little NUMBER COUNT: COUNT bytes, least significant first, as printf escapes
little() {
	local value=$1 i
	for ((i = 0; i < $2; i++)); do
		printf '\\x%02x' $((value & 255))
		value=$((value >> 8))
	done
}

# npy FILE DICTIONARY DATA-BYTES [CLAIMED-HEADER-LENGTH]: a version 1.0 file
npy() {
	local text=$2
	while (((10 + ${#text} + 1) % 64)); do text+=' '; done
	{
		printf '\x93NUMPY\x01\x00'
		printf "$(little "${4:-$((${#text} + 1))}" 2)"
		printf '%s\n' "$text"
		head -c "$3" /dev/zero
	} >"$dir/$1"
}

# refused FILE PATTERN: the program says PATTERN about FILE and ends with status 1
refused() {
	local said status
	said=$("$matrix" -d "$dir" "$dir/$1" 2>&1 >/dev/null)
	status=$?
	if [ $status -ne 1 ] || ! grep -q -e "$2" <<<"$said"; then
		echo "FAIL $1: status $status, said: $said"
		failures=$((failures + 1))
	else
		echo "ok   $1: ${said#error: "$dir/"}"
	fi
}

good="{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4), }"

refused missing.npy 'No such file'
: >"$dir/empty.npy"
refused empty.npy 'not a regular file'
mkdir "$dir/folder.npy"
refused folder.npy 'not a regular file'
printf 'x' >"$dir/one-byte.npy"
refused one-byte.npy 'not a .npy file'
head -c 4096 /dev/urandom >"$dir/noise.npy"
refused noise.npy 'not a .npy file'
printf '\x93NUMPY\x01\x00' >"$dir/cut.npy"
refused cut.npy 'not a .npy file'
printf '\x93NUMPY\x09\x00\x10\x00aaaaaaaaaaaaaaaa' >"$dir/version.npy"
refused version.npy 'version 9'
npy long-header.npy "$good" 64 65535
refused long-header.npy 'more than the file has'
printf '\x93NUMPY\x02\x00\xff\xff\xff\xff{}' >"$dir/long-header-2.npy"
refused long-header-2.npy 'more than the file has'
npy half-header.npy "$good" 64 20
refused half-header.npy 'header'
npy short-data.npy "$good" 63
refused short-data.npy 'more than the file has'
npy overflow.npy "{'descr': '<f8', 'fortran_order': False, 'shape': (2147483647, 2147483647), }" 64
refused overflow.npy 'more than the file has'
npy huge.npy "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }" 64
refused huge.npy '2^31'
npy huger.npy "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999, 1), }" 64
refused huger.npy '2^31'
npy negative.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (-4, 4), }" 64
refused negative.npy 'not made of numbers'
npy zero.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4), }" 64
refused zero.npy 'empty'
npy vector.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (16,), }" 64
refused vector.npy 'one dimension'
npy cube.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 4), }" 64
refused cube.npy 'more than two'
npy scalar.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (), }" 64
refused scalar.npy 'not made of numbers'
npy big-endian.npy "{'descr': '>f4', 'fortran_order': False, 'shape': (4, 4), }" 64
refused big-endian.npy 'little-endian'
npy object.npy "{'descr': '|O', 'fortran_order': False, 'shape': (4, 4), }" 64
refused object.npy 'neither float32'
npy complex.npy "{'descr': '<c8', 'fortran_order': False, 'shape': (4, 4), }" 128
refused complex.npy 'neither float32'
npy unknown-key.npy "{'descr': '<f4', 'evil': False, 'shape': (4, 4), }" 64
refused unknown-key.npy 'unknown or a repeated'
npy twice.npy "{'descr': '<f4', 'shape': (1, 1), 'shape': (9999, 9999), 'fortran_order': False}" 64
refused twice.npy 'unknown or a repeated'
npy lacking.npy "{'descr': '<f4', 'fortran_order': False, }" 64
refused lacking.npy 'lacks'
npy maybe.npy "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (4, 4), }" 64
refused maybe.npy 'dictionary'
npy open-end.npy "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4" 64
refused open-end.npy 'shape\|dimensions'

"$matrix" --order 0 >/dev/null 2>&1 && failures=$((failures + 1))
"$matrix" --type int8 >/dev/null 2>&1 && failures=$((failures + 1))
"$matrix" a b c >/dev/null 2>&1
[ $? -eq 2 ] || failures=$((failures + 1))
"$matrix" --help | grep -q '^usage' || failures=$((failures + 1))
echo "$failures failures"
[ $failures -eq 0 ]
