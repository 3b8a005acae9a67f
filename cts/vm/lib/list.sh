# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Lists of tests: which tests, with which parameters of the driver, in which order.

# The words before the command of a line:
#   root  timeout=SECONDS  memory=FORM[,FORM...]  instances=N  size=BYTES  nodriver
#   kernel=VARIANT[,VARIANT...]
# parse_line LINE: sets name, user, seconds, forms, instances, size, nodriver, kernels, command
parse_line() {
	local word rest=$1
	name=${rest%%[[:space:]]*}
	rest=${rest#"$name"}
	user=user seconds='' forms='' instances=1 size='' nodriver='' kernels=''
	while :; do
		rest=${rest#"${rest%%[![:space:]]*}"}
		word=${rest%%[[:space:]]*}
		case $word in
		root) user=root ;;
		nodriver) nodriver=1 ;;
		timeout=*) seconds=${word#*=} ;;
		memory=*) forms=${word#*=} ;;
		instances=*) instances=${word#*=} ;;
		size=*) size=${word#*=} ;;
		kernel=*) kernels=${word#*=} ;;
		*) break ;;
		esac
		rest=${rest#"$word"}
	done
	command=$rest
	[[ $name =~ ^[A-Za-z0-9@_.+-]+$ ]] || die "a test can't be called \"$name\""
	[ -n "$command" ] || die "the test $name has no command"
	[[ $seconds =~ ^[0-9]*$ && $instances =~ ^[0-9]+$ ]] || die "the test $name has a bad number"
}

# Which forms of device memory a kernel can have.
forms_of() {
	case $1 in
	stock | backports) echo "coherent node none" ;;
	*) echo "private coherent node none" ;;
	esac
}

# The form that a test gets that names none.
first_form() { forms_of "$kernel" | cut -d' ' -f1; }

# driver_parameters FORM INSTANCES SIZE: as insmod takes them
driver_parameters() {
	local text="memory=$1 instances=$2"
	[ "$1" = none ] || text+=" memory_size=${3:-$device_size}"
	case $1 in
	coherent | node) text+=" memory_start=$reserved_start" ;;
	esac
	echo "$text"
}

# add_test: the test that parse_line has found, once for each form of memory
add_test() {
	local form able label
	able=$(forms_of "$kernel")
	if [ -n "$nodriver" ]; then
		printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$user" "$((${seconds:-$timeout} * factor))" off "$command"
		return
	fi
	for form in $(tr , ' ' <<<"${forms:-${memory:-${able%% *}}}"); do
		label=$name
		[[ $forms != *,* ]] || label=$name@$form
		if [ -n "$memory" ] && [ "$form" != "$memory" ]; then
			leave_out "$label" "not with memory=$memory"
		elif [[ " $able " != *" $form "* ]]; then
			leave_out "$label" "the kernel $kernel has no device memory of the form $form"
		else
			printf '%s\t%s\t%s\t%s\t%s\n' "$label" "$user" "$((${seconds:-$timeout} * factor))" \
				"$(driver_parameters "$form" "$instances" "$size")" "$command"
		fi
	done
}

# wanted NAME: is it one of those asked for?
wanted() {
	local pattern
	[ ${#chosen[@]} -gt 0 ] || return 0
	for pattern in "${chosen[@]}"; do
		# shellcheck disable=SC2053
		[[ $1 != $pattern ]] || return 0
	done
	return 1
}

# meant_for KERNEL[,KERNEL...]: is this run's kernel one of them?
meant_for() { [[ -z $1 || ,$1, == *,$kernel,* ]]; }

# A line of a list: "kernels VARIANT..." is for cts/vm/check, "include FILE" for us, the rest tests.
read_line() {
	local name user seconds forms instances size nodriver kernels command
	case $1 in
	"kernels "*) ;;
	"include "*) read_list "$(dirname "$2")/${1#include }" ;;
	*)
		parse_line "$1"
		! wanted "$name" || ! meant_for "$kernels" || add_test
		;;
	esac
}

# read_list FILE: the lines of a job, "NAME user|root SECONDS PARAMETERS COMMAND" with tabs
read_list() {
	local line
	[ -f "$1" ] || die "there is no list $1"
	while IFS= read -r line; do
		line=${line#"${line%%[![:space:]]*}"}
		line=${line%"${line##*[![:space:]]}"}
		[[ -z $line || $line == "#"* ]] || read_line "$line" "$1"
	done <"$1"
}

# by_parameters: the same tests, so that the driver is loaded seldom; else in their order
by_parameters() {
	awk -F '\t' '{ if (!($4 in at)) { at[$4] = ++n }
		lines[at[$4]] = lines[at[$4]] $0 "\n" } END { for (i = 1; i <= n; i++) printf "%s", lines[i] }'
}
