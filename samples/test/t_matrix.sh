#!/bin/bash
# SPDX-License-Identifier: MIT
# The matrix sample on shapes and layouts that its tiles don't fit.
# usage: t_matrix.sh MATRIX-PROGRAM
set -u
matrix=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failures=0

# npy FILE TYPE-BYTES FORTRAN ROWS COLUMNS: elements cut from one stream of small numbers
npy() {
	local text="{'descr': '<f$2', 'fortran_order': $3, 'shape': ($4, $5), }"
	while (((10 + ${#text} + 1) % 64)); do text+=' '; done
	{
		printf '\x93NUMPY\x01\x00'
		printf "\\x$(printf %02x $(((${#text} + 1) & 255)))\\x00"
		printf '%s\n' "$text"
		head -c $(($2 * $4 * $5)) "$dir/elements$2"
	} >"$dir/$1"
}

# product A B [OPTION...]: multiply the two files and expect a verified result
product() {
	if "$matrix" --no-blas -c 1000000 -d "$dir" "$dir/$1" "$dir/$2" >"$dir/log" 2>&1 &&
		grep -q '^verified' "$dir/log"; then
		echo "ok   $1 x $2"
	else
		echo "FAIL $1 x $2"
		cat "$dir/log"
		failures=$((failures + 1))
	fi
}

# 1.5, -2.25, 3.125, -0.75 over and over, with a 7 in between so that no period fits a tile
four='\x00\x00\xc0\x3f\x00\x00\x10\xc0\x00\x00\x48\x40\x00\x00\x40\xbf\x00\x00\xe0\x40'
eight='\x00\x00\x00\x00\x00\x00\xf8\x3f\x00\x00\x00\x00\x00\x00\x02\xc0\x00\x00\x00\x00\x00\x00\x1c\x40'
for ((i = 0; i < 20000; i++)); do printf "$four"; done >"$dir/elements4"
for ((i = 0; i < 30000; i++)); do printf "$eight"; done >"$dir/elements8"

for type in 4 8; do
	npy one$type.npy $type False 1 1
	npy row$type.npy $type False 1 97
	npy column$type.npy $type False 97 1
	npy wide$type.npy $type False 13 1031
	npy tall$type.npy $type False 1031 50
	npy wide-f$type.npy $type True 13 1031
	npy tall-f$type.npy $type True 1031 50
	product one$type.npy one$type.npy
	product row$type.npy column$type.npy
	product column$type.npy row$type.npy
	product wide$type.npy tall$type.npy
	product wide-f$type.npy tall$type.npy
	product wide$type.npy tall-f$type.npy
	product wide-f$type.npy tall-f$type.npy
done
echo "$failures failures"
[ $failures -eq 0 ]
