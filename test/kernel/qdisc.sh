#!/bin/busybox sh
# The queueing discipline so_fifo on devices, among them the one of qdisc_network.sh. The
# environment is that of held.sh, and:
#   DEVICES   that get it
#   BYTES     to send to oneself through a connection; 0 for none
#   PING_S    seconds that pings may take
#   OUTLIVES  1: the devices have it for longer than the holder lives
. /rig/held.sh

# busybox has a tc as well, which attaches nothing.
tc() {
	/usr/sbin/tc "$@"
}

# Prints how many devices have it.
count_devices() {
	tc qdisc show | grep -c so_fifo
}

detach() {
	for device in $DEVICES; do
		tc qdisc del dev "$device" root
	done
}

# dump_queues SUFFIX: the devices that it knows of.
dump_queues() {
	dump queues "$1"
	count_devices > "devices$1"
}

hold
for device in $DEVICES; do
	tc qdisc replace dev "$device" root so_fifo || echo "$device" >> refused
done
ping -A -w "$PING_S" -c 20 -s 1000 10.9.0.2 > ping
[ "$BYTES" = 0 ] || transfer cubic "$BYTES" > transfer
tc -j -s qdisc show | tr -d '\n' > statistics
dump_queues _attached
if [ "$OUTLIVES" = 1 ]; then
	end
	ping -A -w "$PING_S" -c 20 -s 1000 10.9.0.2 > ping_without_holder
	tc qdisc show > devices_without_holder
	detach
else
	detach
	dump_queues _detached
	dump fifo.bss
	end
fi
settle
tc qdisc replace dev so_near root so_fifo 2> too_late
echo $? > too_late_exit_code
