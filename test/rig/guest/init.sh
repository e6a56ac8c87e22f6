#!/bin/busybox sh
# Process 1 of the guest. Three serial lines leave it: ttyS0 the kernel's console, ttyS1 what the
# script prints and then its exit code, ttyS2 a tar archive of /out.
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

# Raw: a terminal would turn every line feed into two bytes.
stty -F /dev/ttyS1 raw -echo
stty -F /dev/ttyS2 raw -echo

# A session of its own, so that no signal for the script's group can reach process 1.
setsid sh /rig/script < /dev/null > /dev/ttyS1 2>&1
code=$?

tar -c -f /dev/ttyS2 -C /out .
printf '\nrig: exit code %d\n' "$code" > /dev/ttyS1
poweroff -f
