#!/bin/busybox sh
# check LABEL COMMAND...
#
# Runs a command that comes to its end, and keeps in /out/LABEL what it printed, its exit code,
# the bpf(2) commands that any process but bpftool asked the kernel for meanwhile, a number on
# each line, and what is in the kernel afterwards that was not there before.
out=/out/$1
shift
mkdir -p "$out"
trace=/sys/kernel/tracing

objects() {
	for kind in map prog link; do
		bpftool "$kind" list | sed -n "s/^\([0-9]*\): */$kind \1 /p"
	done
	cat /proc/sys/net/ipv4/tcp_available_congestion_control
}

objects > /tmp/before
echo 1 > $trace/events/syscalls/sys_enter_bpf/enable
: > $trace/trace
"$@" > "$out/stdout" 2> "$out/stderr"
echo $? > "$out/exit_code"
echo 0 > $trace/events/syscalls/sys_enter_bpf/enable
grep -v '^ *bpftool-' $trace/trace | sed -n 's/.*sys_bpf(cmd: \(0x\)\{0,1\}\([0-9a-f]*\),.*/\2/p' > "$out/bpf_calls"

# The kernel frees programs and maps after a grace period.
tries=50
until objects | cmp -s - /tmp/before || [ "$tries" = 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
objects | diff /tmp/before - > "$out/left"
