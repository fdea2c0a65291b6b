#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes doc/wireshark.png: captures what the example firewall drops, in namespaces of its own, and
# shows the file in Wireshark with the profile of dist/wireshark. As root, after make all testenv;
# needs wireshark, xvfb, x11-utils and imagemagick.
#
#   testenv/picture.sh FILE.png

set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${XDPDROP_BUILD:-${here%/*}/build}

if [ "${2-}" != inside ]; then
	exec unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
		"$0" "$(realpath "$1")" inside
fi
# shellcheck source-path=SCRIPTDIR source=netns.sh
. "$here/netns.sh"

await() {
	until "$@" >/dev/null 2>&1; do
		sleep 0.1
	done
}

listens() {
	grep -q '^listening on' log
}

capture() {
	netns_addresses 1
	netns_setup eth7 1500 lo
	ip link set dev eth7 xdp object "$build/testenv/firewall.bpf.o" program firewall 2>/dev/null
	XDPDROP_UNSAFE_BPFFS=1 "$build/xdpdrop-capture" eth7 drops.pcapng 2>log &
	await listens
	for n in 1 2 3 4; do
		ip netns exec eth7 ping -q -c 1 -W 0.05 -s 1000 "$OUTSIDE_IP4" >/dev/null || :
		ip netns exec eth7 ping -q -c 1 -W 0.05 -s $((200 * n)) "$OUTSIDE_IP6" \
			>/dev/null || :
		printf '\0%b\201\200\0\0\0\0\0\0\0\0' "\\$n" |
			ip netns exec eth7 nc -u -w 0 -p 53 "$OUTSIDE_IP4" $((40000 + n))
	done
	sleep 0.3
	kill -INT $!
	wait $!
}

window() {
	xwininfo -root -tree | grep -q 'drops.pcapng'
}

shot() {
	import -silent -window root "$1"
}

# Until two pictures are the same.
photograph() {
	await window
	shot now.png
	until sleep 2 && mv now.png before.png && shot now.png && cmp -s before.png now.png; do
		:
	done
	convert now.png -strip -colors 128 -define png:compression-level=9 "$1"
}

private_mounts /run/picture
mkdir -p /run/picture/settings/profiles
cd /run/picture
cp -r "${here%/*}/dist/wireshark/xdpdrop" settings/profiles/
cat >settings/recent_common <<'END'
gui.geometry_main_x: 0
gui.geometry_main_y: 0
gui.geometry_main_width: 1180
gui.geometry_main_height: 640
END
# Widths of columns; the rest goes to the last one.
cat >settings/profiles/xdpdrop/recent <<'END'
column.width: %m, 50, %t, 100, %Cus:frame.verdict.ebpf_xdp, 100, %Cus:frame.comment, 130,
	%Cus:frame.interface_queue, 60, %Cus:frame.drop_count, 50, %s, 140, %d, 140, %p, 70,
	%L, 60
END
export HOME=$PWD WIRESHARK_CONFIG_DIR=$PWD/settings XDG_RUNTIME_DIR=$PWD LC_ALL=C.UTF-8
capture
tshark -C xdpdrop -r drops.pcapng
Xvfb :7 -screen 0 1180x640x24 -nolisten tcp 2>/dev/null &
export DISPLAY=:7
await xwininfo -root
wireshark -C xdpdrop -r drops.pcapng >wireshark.log 2>&1 &
photograph "$1"
