# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the scripts of cts/vm share.  Sets:
#   vm_top    the folder cts/vm           vm_tree   the source tree
#   vm_cache  where built things are kept; every entry there can be removed at any time
vm_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vm_tree=$(cd "$vm_top/../.." && pwd)
vm_cache=${XDG_CACHE_HOME:-$HOME/.cache}/causeway/kernel
vm_name=$(basename "$0")
readonly vm_top vm_tree vm_cache vm_name

say() { printf '%s: %s\n' "$vm_name" "$*" >&2; }

die() {
	printf '%s: %s\n' "$vm_name" "$*" >&2
	exit 2
}

# help FILE: the comment at the head of a script is its manual
help() {
	sed -n '3,/^[^#]/{/^# shellcheck/d;/^#/s/^# \{0,1\}//p}' "$1"
}

need() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || die "there is no $program; .ci/setup installs it"
	done
}

# hash: the first 16 digits of standard input's SHA-256
hash() { sha256sum | cut -c1-16; }

# hash_files FILE...: of names and contents
hash_files() { sha256sum -- "$@" | sed "s#$vm_tree/##" | hash; }

# locked NAME COMMAND...: run it while no other process holds the cache's lock NAME
locked() {
	local name=$1
	shift
	mkdir -p "$vm_cache/locks"
	(
		flock -n 9 || { say "waiting for another process to finish with $name" && flock 9; }
		"$@" 9>&-
	) 9>"$vm_cache/locks/$name"
}

# field NAME: the value of a line NAME=VALUE of standard input
field() { sed -n "s/^$1=//p"; }
