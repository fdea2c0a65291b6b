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
	printf -v IP6_PREFIX '%s:%x::' "$IP6_SUBNET" "$1"
	INSIDE_IP4=${IP4_PREFIX}2 OUTSIDE_IP4=${IP4_PREFIX}1
	INSIDE_IP6=${IP6_PREFIX}2 OUTSIDE_IP6=${IP6_PREFIX}1
	printf -v INSIDE_MAC '02:00:00:00:%02x:02' "$1"
	printf -v OUTSIDE_MAC '02:00:00:00:%02x:01' "$1"
	ALL_INSIDE_NET=$IP4_SUBNET.0.0/16
	export IP4_PREFIX IP6_PREFIX INSIDE_IP4 OUTSIDE_IP4 INSIDE_IP6 OUTSIDE_IP6
	export INSIDE_MAC OUTSIDE_MAC ALL_INSIDE_NET
}

# Shell text that keeps interface $1 of the current namespace quiet: no frames of its own accord,
# but for a report of its multicast groups when it comes up; the next one is in some days. With
# $2=1 there is no IPv6, and none at all.
# shellcheck disable=SC2016 # another shell's
QUIET='if cd "/proc/sys/net/ipv6/conf/$1" 2>/dev/null; then
		echo "$2" >disable_ipv6
		for file in accept_dad accept_ra router_solicitations; do echo 0 >$file; done
		echo 2000000000 >mldv2_unsolicited_report_interval
	fi'

netns_exists() {
	ip netns list 2>/dev/null | grep -Eq "^$1( |\$)"
}

# Make namespace and pair $1 with addresses of netns_addresses(), MTU $2. Interface $3 of the
# current namespace, if there is one, comes up before. With NO_IP6=1 the pair has no IPv6. Few
# processes: on emulated machines each one takes its time.
netns_setup() {
	local name=$1 mtu=${2:-1500}

	ip -batch - <<-END &&
		${3:+link set $3 up}
		netns add $name
		link add $name address $OUTSIDE_MAC mtu $mtu type veth $(
		)peer name veth0 netns $name address $INSIDE_MAC mtu $mtu
	END
		(set -- "$name" "${NO_IP6:-0}" && eval "$QUIET") &&
		netns_up "$name"
}

# Addresses and neighbours; IPv6 where the kernel has it, and it is wanted. The inside end comes up
# last: until then the outside end is without carrier.
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
		nsenter --net="/run/netns/$name" sh -c "$QUIET; exec ip -batch -" \
			sh veth0 "${NO_IP6:-0}" <<-END
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
# Run with the network namespace already changed: /sys shows its interfaces. The arguments are
# directories in /run to make.
private_mounts() {
	local table=${BASH_SOURCE[0]%/*}/mounts.txt

	# Some containers may not mount tracefs. The second mount(8) skips what is mounted.
	mount --all --fstab "$table" 2>/dev/null ||
		mount --all --fstab "$table" --types notracefs || return
	mkdir /run/netns /run/lock "$@"
}
