#!/bin/busybox sh
# A HID fix for a mouse that is made up here by means of /dev/uhid; what is written there is made
# by uhid.ts. The environment is that of held.sh, and for HOLDER:
#   HID_ID  the kernel's number of the mouse
mkdir -p "$OUT"
insmod /lib/modules/hid.ko 2>/dev/null
insmod /lib/modules/uhid.ko 2>/dev/null
insmod /lib/modules/hid-generic.ko 2>/dev/null

. /rig/held.sh

hidraw() {
	ls -d "$mouse"/hidraw/hidraw* 2>/dev/null | sed 's|.*/|/dev/|'
}

has_hidraw() {
	[ -c "$(hidraw)" ]
}

descriptor() {
	xxd -p -c 256 "$mouse/report_descriptor"
}

descriptor_is_back() {
	has_hidraw && [ "$(descriptor)" = "$(cat descriptor_before)" ]
}

# see WHEN: what the mouse says of itself, and what readers get when it sends its report.
see() {
	within 60 has_hidraw
	descriptor > "descriptor_$1"
	# Open before the report comes: it is for those who are there.
	exec 4< "$(hidraw)"
	cat /root/report.uhid >&3
	timeout 10 dd bs=64 count=1 <&4 2>/dev/null | xxd -p > "report_$1"
	exec 4<&-
}

exec 3<> /dev/uhid
cat /root/create.uhid >&3
mouse=
within 60 eval 'mouse=$(ls -d /sys/bus/hid/devices/*) && has_hidraw'
HID_ID=$((0x${mouse##*.}))
export HID_ID
echo "$HID_ID" > hid_id

see before
hold
see during
dump mouse.bss
end
settle
within 60 descriptor_is_back
see after
exec 3>&-
