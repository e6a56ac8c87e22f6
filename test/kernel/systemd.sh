#!/bin/busybox sh
# The unit structops@second from its start to its end, under a real systemd. Each fact goes into a
# file of /out; systemd.test.ts reads them.
. /rig/functions.sh
cd /out || exit 1
unit=structops@second

has_restarted() {
	[ "$(systemctl show -P NRestarts $unit)" -ge "$1" ] &&
		[ "$(systemctl is-active $unit)" = active ]
}

systemctl start $unit
echo $? > start_exit_code
# Type=notify: it is in force by the time that systemctl has ended.
names > names_started
pid=$(systemctl show -P MainPID $unit)
cat "/proc/$pid/status" > status
systemctl show -P StatusText $unit > status_text
systemd-analyze security --no-pager $unit > security

# Whoever detaches it does what a watchdog of the kernel would.
bpftool link detach id "$(bpftool link list | sed -n 's/^\([0-9]*\): struct_ops.*/\1/p')"
within 60 has_restarted 1
echo $? > detached_restart
names > names_restarted
systemctl show -P NRestarts $unit > restarts

kill -KILL "$(systemctl show -P MainPID $unit)"
within 60 has_restarted 2
echo $? > killed_restart
names > names_after_kill

systemctl stop $unit
echo $? > stop_exit_code
names > names_stopped
bpftool map list > maps_left

systemctl start structops@damaged
echo $? > damaged_exit_code
sleep 3
systemctl show -P NRestarts structops@damaged > damaged_restarts
systemctl start structops@nothing
echo $? > nothing_exit_code
journalctl --no-pager -u $unit > journal
