#!/bin/busybox sh
# Two connected devices, so_near here and the other one in a network of its own, 10.9.0.2.
insmod /lib/modules/veth.ko
unshare -n sleep 1000 &
far=$!
ip link add so_near type veth
ip link set veth0 netns $far
ip addr add 10.9.0.1/24 dev so_near
ip link set so_near up
nsenter -t $far -n ip addr add 10.9.0.2/24 dev veth0
nsenter -t $far -n ip link set veth0 up
