#!/bin/busybox sh
# For the scripts of the examples to begin with: a holder of struct_ops, from its start to its
# end. Facts go into the directory OUT, one file each; held_facts.ts reads those of this file.
#
# From the environment:
#   OUT     directory for the facts
#   HOLDER  shell command that registers, says "status":"done" and holds until SIGINT
. /rig/functions.sh
mkdir -p "$OUT"
cd "$OUT" || exit 1

has_ended() {
	! kill -0 "$holder" 2>/dev/null
}

has_said_or_ended() {
	grep -q '"status":"done"' stdout || has_ended
}

hold() {
	objects > objects_before
	foreground sh -c "$HOLDER" > stdout 2> stderr &
	holder=$!
	within 60 has_said_or_ended
	objects > objects_during
}

# dump MAP [SUFFIX]: as the kernel has it now.
dump() {
	bpftool -j map dump name "$1" > "map_$1$2" || rm "map_$1$2"
}

# Where a map is kept; names there have no dots.
pin_of() {
	echo "/sys/fs/bpf/$(echo "$1" | tr . _)"
}

# keep MAP: settle() dumps it, when the holder has ended.
keep() {
	bpftool map pin name "$1" "$(pin_of "$1")" && kept="$kept $1"
}

# The holder's end, as by Ctrl-C.
end() {
	kill -INT "-$holder" 2>/dev/null
	within 30 has_ended || kill -KILL "-$holder"
	wait "$holder"
	echo $? > exit_code
}

# When all that could use them is gone: nothing may be left.
settle() {
	for map in $kept; do
		bpftool -j map dump pinned "$(pin_of "$map")" > "map_$map"
		rm "$(pin_of "$map")"
	done
	within 60 nothing_is_left
	objects | diff objects_before - > left
}
