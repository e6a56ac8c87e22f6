#!/bin/busybox sh
# A scheduler, and under it three tasks that never sleep, the third of them nice: more than the
# guest has CPUs. The environment is that of held.sh, and:
#   BUSY_S  seconds that the tasks run; 0 for no tasks
. /rig/held.sh
sched_ext=/sys/kernel/sched_ext
ticks=

# Prints the clock ticks that a process has run.
ticks_of() {
	cut -d ' ' -f 14 "/proc/$1/stat"
}

state() {
	cat $sched_ext/state
	cat $sched_ext/root/ops 2>/dev/null
}

be_busy() {
	for nice in 0 0 10; do
		sh -c 'while :; do :; done' &
		renice -n $nice -p $!
		busy="$busy $!"
	done
	sleep "$BUSY_S"
	for pid in $busy; do
		ticks="$ticks $(ticks_of "$pid")"
	done
	echo "$ticks" > busy_ticks
	# shellcheck disable=SC2086 # a list
	kill $busy
}

state > state_before
hold
keep .data.exit
keep .data.dump
[ "$BUSY_S" = 0 ] || be_busy
dump shared.bss
state > state_during
end
settle
state > state_after
