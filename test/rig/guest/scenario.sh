#!/bin/busybox sh
# One congestion control from its registration to its end. Everything seen goes into the
# directory OUT, one file for each fact; scenario.ts reads them.
#
# From the environment:
#   OUT        directory for the facts
#   HOLDER     shell command that registers NAME and keeps it until SIGINT
#   NAME       of the congestion control
#   BYTES      to move through a connection that asks for NAME
#   OUTAGE_MS  see transfer.c; 0 for none
#   MAPS       names of the maps to dump after the transfer
#   WAIT_S     seconds until NAME must be there, and after SIGINT until the holder must be gone
. /rig/functions.sh
mkdir -p "$OUT"
cd "$OUT" || exit 1

is_registered() {
	names | grep -qw "$NAME"
}

has_ended() {
	! kill -0 "$holder" 2>/dev/null
}

is_registered_or_over() {
	is_registered || has_ended
}

names > names_before
objects > objects_before

foreground sh -c "$HOLDER" > holder_output 2>&1 &
holder=$!
within "$WAIT_S" is_registered_or_over
names > names_during
objects > objects_during

if is_registered; then
	[ "$OUTAGE_MS" = 0 ] && OUTAGE_MS=
	# shellcheck disable=SC2086 # no argument at all when there is no outage
	transfer "$NAME" "$BYTES" $OUTAGE_MS > transfer_output 2>&1
	echo $? > transfer_exit_code
	for map in $MAPS; do
		bpftool -j map dump name "$map" > "map_$map" || rm "map_$map"
	done
fi

kill -INT "-$holder" 2>/dev/null
within "$WAIT_S" has_ended || kill -KILL "-$holder"
wait "$holder"
echo $? > holder_exit_code

within 60 nothing_is_left
names > names_after
objects > objects_after
