#!/bin/busybox sh
# trace_run FILE COMMAND...: the system calls of a command, with their times, as ftrace has them.
trace=/sys/kernel/tracing
file=$1
shift
events="raw_syscalls/sys_enter raw_syscalls/sys_exit sched/sched_process_exec"

for event in $events; do echo 1 > "$trace/events/$event/enable"; done
: > $trace/trace
"$@" > /tmp/output 2>&1 || cat /tmp/output
for event in $events; do echo 0 > "$trace/events/$event/enable"; done
grep -v '^ *trace_run' $trace/trace > "$file"
