#!/bin/busybox sh
# Process 1 of the guest, or what comes before systemd in one that has it (systemd.ts).
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/root

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t bpf bpf /sys/fs/bpf
mount -t debugfs debug /sys/kernel/debug
mount -t tracefs trace /sys/kernel/tracing
ip link set lo up

[ -e /usr/lib/systemd/systemd ] && exec /usr/lib/systemd/systemd
exec sh /rig/run.sh
