# SPDX-License-Identifier: MIT
# Find what a kernel complains about in its log.
#
# usage: awk -v noise=FILE -f scan.awk KERNEL-LOG
# For each complaint it prints "TEST <tab> FIRST LINE <tab> LOG LINE NUMBER": the test that ran at
# that time ("boot", "end"), and what follows from one splat counts as one.
# noise: regular expressions of lines that are no complaints, one a line, with a reason above.

BEGIN {
	while ((getline line < noise) > 0)
		if (line !~ /^(#|$)/)
			harmless[++harmless_count] = line
	test = "boot"
	bad = "WARNING: |BUG: |BUG at |kernel BUG|Oops|[Gg]eneral protection fault, |KASAN|UBSAN"
	bad = bad "|Kernel panic|unable to handle|INFO: task .* blocked|INFO: possible|INFO: inconsistent"
	bad = bad "|possible circular locking|possible recursive locking|inconsistent lock state"
	bad = bad "|held lock freed|suspicious RCU usage|Invalid wait context|DEBUG_LOCKS_WARN_ON"
	bad = bad "|locks held when returning|still has locks held|bad unlock balance|turning off the locking"
	bad = bad "|soft lockup|hard LOCKUP|rcu: INFO|workqueue lockup|scheduling while atomic"
	bad = bad "|sleeping function called|Bad page|Bad rss|list_add corruption|list_del corruption"
	bad = bad "|refcount_t: |ODEBUG|Internal error|stack-protector|non-zero pgtables_bytes"
	bad = bad "|kmemleak: .*(new suspected|disabled)|nobody cared|double fault|cut here"
	bad = bad "|[Oo]bjects remaining in|Slab .* still|EXT4-fs error|I/O error"
}

{ sub(/\r$/, "") }

/causeway-vm: begin / { test = $NF; next }
/causeway-vm: ready/  { test = "start"; next }
/causeway-vm: (end |rmmod)/ { if ($0 ~ /rmmod/) test = "unload"; next }

# After "cut here" come the words of who warns, if any, then where that is.
cut_line && (/WARNING: |kernel BUG at|BUG: / || NR > cut_line + 5) {
	emit(cut_test, bare($0) (said == "" ? "" : ": " said), cut_line)
	cut_line = 0
	last = NR
	next
}

cut_line {
	said = said (said == "" ? "" : " ") bare($0)
	next
}

$0 ~ bad {
	for (i = 1; i <= harmless_count; i++)
		if ($0 ~ harmless[i])
			next
	# One splat has several such lines, close to each other.
	if (last && NR - last < 40) {
		last = NR
		next
	}
	last = NR
	if (/cut here/) {
		cut_test = test
		cut_line = NR
		said = ""
		next
	}
	emit(test, $0, NR)
	next
}

function bare(text) {
	sub(/^\[ *[0-9.]+\](\[ *[TC][0-9]+\])? */, "", text)
	gsub(/\t/, " ", text)
	return text
}

function emit(where, text, number) {
	printf "%s\t%s\t%d\n", where, bare(text), number
}

END {
	if (cut_line)
		emit(cut_test, said, cut_line)
}
