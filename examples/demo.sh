#!/bin/sh
# demo.sh OBJECT NAME MAP
#
# Registers the congestion control NAME with structops, sends 64 MiB through it, with an outage of
# a second, reads its counters from the data map MAP and takes it away again. `npm run demo` runs this in a VM;
# `npm run demo -- --here` on the machine itself, as root.
#
# structops, transfer (test/rig/guest/transfer.c) and bpftool are looked for in PATH.
object=$1
name=$2
map=$3
available=/proc/sys/net/ipv4/tcp_available_congestion_control

show() {
	printf '\n$ %s\n' "$*"
	"$@"
}

# As bpftool numbers them: what is there before must be there afterwards, and no more.
objects() {
	for kind in map prog link; do
		bpftool "$kind" list | sed -n "s/^\([0-9]*\): */$kind \1 /p"
	done
}

fail() {
	printf 'demo: %s\n' "$*" >&2
	kill "$holder" 2>/dev/null
	exit 1
}

# within SECONDS COMMAND...: repeats it until it succeeds.
within() {
	tries=$(($1 * 10))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

is_registered() {
	grep -qw "$name" $available
}

is_gone() {
	! is_registered && objects > "$scratch/after" && cmp -s "$scratch/before" "$scratch/after"
}

is_registered_or_over() {
	is_registered || ! kill -0 "$holder" 2>/dev/null
}

scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
objects > "$scratch/before"

show uname -r
show cat $available

printf '\n$ structops apply %s &\n' "$object"
structops apply "$object" &
holder=$!
within 60 is_registered_or_over
is_registered || fail "$name was not registered"
# Its output comes just after.
sleep 1

show cat $available
show transfer "$name" 67108864 1000 || fail 'no traffic'
printf '\n$ bpftool map dump name %s\n' "$map"
bpftool map dump name "$map" | sed -n 's/^ *"\([a-z_]*\)": \([0-9]*\)$/\1 = \2/p' > "$scratch/counters"
cat "$scratch/counters"
grep -q '^acks = [1-9]' "$scratch/counters" || fail 'the program did not run'

printf '\n$ kill -INT %%1   # what Ctrl-C does\n'
kill -INT "$holder"
wait "$holder" || fail "structops apply ended with exit code $?"
within 10 is_gone || fail 'something is left'
show cat $available
printf '\nno map, program or link of it is left\n'
