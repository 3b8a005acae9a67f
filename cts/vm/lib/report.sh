# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the guest says, in; results, out.  A result is a line of $results:
#   pass|fail|skip <tab> NAME <tab> REASON <tab> MILLISECONDS

passed=0 failed=0 skipped=0

# result pass|fail|skip NAME [REASON [MS]]
result() {
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "${3-}" "${4:-0}" >>"$results"
	case $1 in
	pass) passed=$((passed + 1)) test_passed=$((test_passed + 1)) ;;
	skip) skipped=$((skipped + 1)) test_skipped=$((test_skipped + 1)) ;;
	fail)
		failed=$((failed + 1)) test_failed=$((test_failed + 1))
		if [ -n "$test" ]; then
			complaints+=("not ok $2${3:+: $3}")
		else
			printf '%s  not ok %s%s\n' "$(date +%T)" "$2" "${3:+: $3}"
		fi
		;;
	esac
}

# leave_out NAME REASON: a test that isn't run
leave_out() { printf 'skip\t%s\t%s\t0\n' "$1" "$2" >>"$results.left-out"; }

begin_test() {
	test=$1 test_passed=0 test_failed=0 test_skipped=0 last_case='' tap_skip='' complaints=()
	: >"$folder/output"
	[ -z "$verbose" ] || printf '%s  %s\n' "$(date +%T)" "$test"
}

# case_result ok|not\ ok|skip NAME REASON
case_result() {
	last_case=$2
	case $1 in
	ok) result pass "$test/$2" ;;
	skip) result skip "$test/$2" "$3" ;;
	*) result fail "$test/$2" "${3:-it does not say why}" ;;
	esac
}

# A line of a test's output: a case's result, ours or TAP's, or just text.
take_output() {
	local line=$1 state name
	[ -z "$verbose" ] || printf '    %s\n' "$line"
	printf '%s\n' "$line" >>"$folder/output"
	if [[ $line =~ ^(ok|not\ ok)\ [0-9]+\ ([^[:space:]]+) ]]; then
		state=${BASH_REMATCH[1]} name=${BASH_REMATCH[2]}
		[ "$state" != ok ] || [ -z "$tap_skip" ] || state=skip
		case_result "$state" "$name" "$tap_skip"
		tap_skip=
	elif [[ $line =~ ^(ok|not\ ok|skip)\ ([^[:space:]:]+)(:\ *(.*))?$ ]]; then
		case_result "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[4]}"
	elif [[ $line =~ ^#\ +SKIP\ +(.*) ]]; then
		tap_skip=${BASH_REMATCH[1]}
	fi
}

# How a test ended, where its cases don't tell.
judge() {
	local how=$1 ms=$2 after=${last_case:+, after the case $last_case}
	case $how in
	"exit 0") [ -n "$last_case" ] || result pass "$test" "" "$ms" ;;
	"exit 77") [ -n "$last_case" ] || result skip "$test" "$(tail -n 1 "$folder/output")" "$ms" ;;
	"exit 1")
		if [ -z "$last_case" ]; then
			result fail "$test" "exit status 1" "$ms"
		elif [ "$test_failed" -eq 0 ]; then
			result fail "$test" "exit status 1, though no case failed$after" "$ms"
		fi
		;;
	exit*) result fail "$test" "exit status ${how#exit }$after" "$ms" ;;
	signal*) result fail "$test" "ended by signal ${how#signal }$after" "$ms" ;;
	timeout) result fail "$test" "too slow: ended after $((ms / 1000)) s$after" "$ms" ;;
	stuck) result fail "$test" "hangs in the kernel: SIGKILL doesn't end it$after" "$ms" ;;
	load*) result fail "$test" "${how#load }" "$ms" ;;
	*) result fail "$test" "$how$after" "$ms" ;;
	esac
}

end_test() {
	local how=$1 ms=$2 complaint
	judge "$how" "$ms"
	printf '%s  %-34s%d passed, %d failed, %d skipped  (%d.%d s)\n' "$(date +%T)" "$test" \
		"$test_passed" "$test_failed" "$test_skipped" $((ms / 1000)) $((ms % 1000 / 100))
	for complaint in "${complaints[@]}"; do
		printf '    %s\n' "$complaint"
	done
	if [ "$test_failed" -gt 0 ] && [ -z "$verbose" ]; then
		grep -vE '^(ok|skip|not ok) ' "$folder/output" | tail -n 40 | sed 's/^/    | /'
	fi
	test=
}

# The guest is gone or silent in the middle of something.
lost() {
	local where=${test:-the guest}
	if [ -n "$test" ]; then
		end_test "$1${doing:+ (${doing})}" 0
	else
		result fail "$where" "$1"
	fi
	printf '    the end of the kernel'\''s log (%s):\n' "$folder/kernel.log"
	tail -n 40 "$folder/kernel.log" | tr -d '\r' | sed 's/^/    | /'
}

# follow: read what the guest says; it may be silent for so long, depending on what it does
follow() {
	local line limit=$boot_limit doing='boots' rest status
	test='' done=''
	while :; do
		IFS= read -r -t "$limit" line
		status=$?
		if [ $status -ne 0 ]; then
			[ -z "$done" ] || return 0
			[ $status -gt 128 ] && lost "the guest hangs: not a word for $limit s" ||
				lost "the guest stopped: a panic, or QEMU ended"
			return 1
		fi
		line=${line%$'\r'}
		rest=${line#* }
		case $line in
		\|*) [ -n "$test" ] && take_output "${line#|}" || printf '    | %s\n' "${line#|}" ;;
		"@ready "*)
			printf '%s  %-34s%s, %s, %d s\n' "$(date +%T)" "boot" "$rest" "$accel" $((SECONDS - boot_start))
			limit=$(next_limit) doing=
			;;
		"@begin "*) begin_test "$rest" && limit=$(limit_of "$rest") ;;
		"@end "*)
			IFS=$'\t' read -r _ how ms <<<"$rest"
			end_test "$how" "$ms"
			limit=$(next_limit)
			;;
		"@check "*) check "$rest" ;;
		"@done") done=1 limit=20 ;;
		esac
	done
}

# check "NAME <tab> ok|fail <tab> REASON"
check() {
	local what good reason
	IFS=$'\t' read -r what good reason <<<"$1"
	if [ "$good" = ok ]; then
		# Unloading between tests is counted once, at the end.
		checked[$what]=${checked[$what]:-$reason}
	else
		test='' result fail "kernel/$what" "$reason"
		checked[$what]=failed
	fi
}

# The health that nobody complained about is a result as well.
count_checks() {
	local what
	test=
	for what in "${!checked[@]}"; do
		[ "${checked[$what]}" = failed ] || result pass "kernel/$what"
	done
}

# scan_log: each complaint in the kernel's log is a failure, with an excerpt
scan_log() {
	local where text number count=0
	test=
	while IFS=$'\t' read -r where text number; do
		result fail "kernel/log/$where" "$text"
		tail -n +"$number" "$folder/kernel.log" | head -n 60 | tr -d '\r' | sed 's/^/    | /'
		count=$((count + 1))
	done < <(awk -v noise="$vm_top/lib/noise" -f "$vm_top/lib/scan.awk" "$folder/kernel.log")
	[ $count -gt 0 ] || result pass kernel/log
}

# write_json FILE
write_json() {
	awk -F '\t' -v kernel="$kernel" -v release="$release" -v accel="$accel" -v passed="$passed" \
		-v failed="$failed" -v skipped="$skipped" '
		function text(s) {
			gsub(/\\/, "\\\\", s)
			gsub(/"/, "\\\"", s)
			gsub(/[\001-\037]/, " ", s)
			return "\"" s "\""
		}
		BEGIN {
			printf "{\"kernel\": %s, \"release\": %s, \"accel\": %s,\n", text(kernel), text(release), text(accel)
			printf "\"passed\": %d, \"failed\": %d, \"skipped\": %d,\n\"cases\": [", passed, failed, skipped
		}
		{
			printf "%s\n{\"name\": %s, \"result\": \"%s\", \"reason\": %s, \"ms\": %d}", (NR > 1 ? "," : ""),
				text($2), $1, text($3), $4
		}
		END { print "\n]}" }' "$results" >"$1"
}
