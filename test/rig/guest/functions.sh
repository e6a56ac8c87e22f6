#!/bin/busybox sh
# What several scripts in guests do; they begin with `. /rig/functions.sh`.

# The congestion controls that there are.
names() {
	cat /proc/sys/net/ipv4/tcp_available_congestion_control
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

# Whether there are the BPF objects (objects.c) that were there when a script wrote objects_before.
# The kernel frees programs and maps after a grace period, on a busy machine a long one: within 60
# nothing_is_left.
nothing_is_left() {
	objects | cmp -s - objects_before
}
