#!/bin/busybox sh
# One object after the other, in one guest: libbpf loads it and lets it go, then the executor the
# plan. vm_oracle.ts puts /oracle/list there, with a line "NUMBER FILE" for each, the object as
# /oracle/NUMBER/FILE, what is set in it as /oracle/NUMBER/settings, the plan, if there is one, as
# /oracle/NUMBER/plan; and reads what is sent of /out/NUMBER. What is printed tells how far it is.
#
# From the environment:
#   SECONDS_EACH  that libbpf, and then the executor, may take
ulimit -n 32768
mkdir -p /out/start
libbpf_on_kernel --count > /out/start/count
uname -v > /out/start/version
send start
start=$(libbpf_on_kernel --count)

# The kernel frees programs and maps after a grace period.
settle() {
	tries=100
	until [ "$(libbpf_on_kernel --count)" = "$start" ] || [ "$tries" = 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	libbpf_on_kernel --count
}

# within NAME COMMAND...: keeps its output and exit code; 137 is a command that took too long.
within() {
	name=$1
	shift
	timeout -s KILL "$SECONDS_EACH" "$@" > "$out/$name" 2> "$out/$name.stderr"
	echo $? > "$out/$name.exit_code"
	# Maps that are pinned by their names stay, on purpose: the other side has to find none.
	rm -rf /sys/fs/bpf/*
	settle > "$out/$name.left"
	# A killed loader cannot take its registrations back.
	if [ "$(cat "$out/$name.left")" != "$start" ]; then
		libbpf_on_kernel --sweep
		settle > /dev/null
	fi
	dmesg -c > "$out/$name.kernel"
}

dmesg -c > /dev/null
while read -r number file; do
	out=/out/$number
	mkdir -p "$out"
	echo "$number libbpf"
	within libbpf libbpf_on_kernel --settings "/oracle/$number/settings" "/oracle/$number/$file"
	if [ -f "/oracle/$number/plan" ]; then
		# The executor may end the guest.
		send "$number"
		echo "$number executor"
		within executor structops-shim --allow-other-programs < "/oracle/$number/plan"
	fi
	: > "$out/end"
	send "$number"
done < /oracle/list
