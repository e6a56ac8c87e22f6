#!/bin/busybox sh
# check LABEL COMMAND...
#
# Runs a command that comes to its end, and keeps in /out/LABEL what it printed, its exit code,
# the bpf(2) commands that any process but bpftool asked the kernel for meanwhile, a number on
# each line, and what is in the kernel afterwards that was not there before.
. /rig/functions.sh
out=/out/$1
shift
mkdir -p "$out"
trace=/sys/kernel/tracing

everything() {
	objects
	names
}

everything > /tmp/before
echo 1 > $trace/events/syscalls/sys_enter_bpf/enable
: > $trace/trace
"$@" > "$out/stdout" 2> "$out/stderr"
echo $? > "$out/exit_code"
echo 0 > $trace/events/syscalls/sys_enter_bpf/enable
grep -v '^ *bpftool-' $trace/trace | sed -n 's/.*sys_bpf(cmd: \(0x\)\{0,1\}\([0-9a-f]*\),.*/\2/p' > "$out/bpf_calls"

nothing_is_new() {
	everything | cmp -s - /tmp/before
}
within 60 nothing_is_new
everything | diff /tmp/before - > "$out/left"
