#!/bin/busybox sh
# Runs the script and ends the guest. Three serial lines leave it: ttyS0 the kernel's console,
# ttyS1 that the script begins, what it prints and its exit code, ttyS2 what send moves if there is no disk.

# Raw: a terminal would turn every line feed into two bytes.
stty -F /dev/ttyS1 raw -echo
stty -F /dev/ttyS2 raw -echo

echo 'rig: begins' > /dev/ttyS1

# A session of its own, so that no signal for the script's group can reach process 1.
setsid sh /rig/script < /dev/null > /dev/ttyS1 2>&1
code=$?

send .
printf '\nrig: exit code %d\n' "$code" > /dev/ttyS1
poweroff -f
