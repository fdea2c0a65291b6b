# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# One network of two: a veth pair whose outside end is in the current network namespace and named
# like the other namespace, which holds the inside end, veth0. Sourced; has no effect by itself.

IP4_SUBNET=10.77
IP6_SUBNET=fdd0:9ca9

# Set INSIDE_IP4 and so on for network number $1, 1 to 254.
netns_addresses() {
	IP4_PREFIX=$IP4_SUBNET.$1.
	IP6_PREFIX=$(printf '%s:%x::' "$IP6_SUBNET" "$1")
	INSIDE_IP4=${IP4_PREFIX}2 OUTSIDE_IP4=${IP4_PREFIX}1
	INSIDE_IP6=${IP6_PREFIX}2 OUTSIDE_IP6=${IP6_PREFIX}1
	INSIDE_MAC=$(printf '02:00:00:00:%02x:02' "$1")
	OUTSIDE_MAC=$(printf '02:00:00:00:%02x:01' "$1")
	ALL_INSIDE_NET=$IP4_SUBNET.0.0/16
	export IP4_PREFIX IP6_PREFIX INSIDE_IP4 OUTSIDE_IP4 INSIDE_IP6 OUTSIDE_IP6
	export INSIDE_MAC OUTSIDE_MAC ALL_INSIDE_NET
}

# Shell text that keeps interface $1 of the current namespace quiet: no frames of its own accord,
# but for a report of its multicast groups when it comes up; the next one is in some days. With
# NO_IP6=1 there are none at all.
quiet_interface() {
	echo "cd /proc/sys/net/ipv6/conf/$1 2>/dev/null || exit 0
		echo ${NO_IP6:-0} >disable_ipv6
		for name in accept_dad accept_ra router_solicitations; do echo 0 >\$name; done
		echo 2000000000 >mldv2_unsolicited_report_interval"
}

netns_exists() {
	ip netns list 2>/dev/null | grep -Eq "^$1( |\$)"
}

# Make namespace and pair $1 with addresses of netns_addresses(), MTU $2. Few processes: on emulated
# machines each one takes its time.
netns_setup() {
	local name=$1 mtu=${2:-1500}

	ip netns add "$name" &&
		ip -batch - <<-END &&
			link add $name type veth peer name veth0 netns $name
			link set $name address $OUTSIDE_MAC mtu $mtu
		END
		ip -n "$name" link set veth0 address "$INSIDE_MAC" mtu "$mtu" &&
		sh -c "$(quiet_interface "$name")" &&
		ip netns exec "$name" sh -c "$(quiet_interface veth0)" &&
		netns_up "$name"
}

# Addresses and neighbours; IPv6 where the kernel has it, and it is wanted.
netns_up() {
	local name=$1 v6=''

	{ [ -d /proc/sys/net/ipv6 ] && [ "${NO_IP6:-0}" = 0 ]; } || v6='#'
	ip -batch - <<-END &&
		link set $name up
		addr add $OUTSIDE_IP4/24 dev $name
		neigh replace $INSIDE_IP4 lladdr $INSIDE_MAC dev $name nud permanent
		$v6 addr add $OUTSIDE_IP6/64 dev $name nodad
		$v6 neigh replace $INSIDE_IP6 lladdr $INSIDE_MAC dev $name nud permanent
	END
		ip -n "$name" -batch - <<-END
			link set veth0 up
			link set lo up
			addr add $INSIDE_IP4/24 dev veth0
			neigh replace $OUTSIDE_IP4 lladdr $OUTSIDE_MAC dev veth0 nud permanent
			$v6 addr add $INSIDE_IP6/64 dev veth0 nodad
			$v6 neigh replace $OUTSIDE_IP6 lladdr $OUTSIDE_MAC dev veth0 nud permanent
		END
}

netns_teardown() {
	ip link del "$1" 2>/dev/null
	ip netns del "$1" 2>/dev/null
	return 0
}

# Mounts of a private mount namespace, so that pins, locks and names of others stay out of sight.
# Run with the network namespace already changed: /sys shows its interfaces.
private_mounts() {
	mount -t sysfs sysfs /sys &&
		mount -t bpf bpf /sys/fs/bpf &&
		mount -t tmpfs tmpfs /run &&
		mkdir /run/netns /run/lock || return
	if [ -d /sys/kernel/tracing ]; then
		mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
	fi
	return 0
}
