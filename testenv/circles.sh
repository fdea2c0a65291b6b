#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: circles.sh OBJECT ...
# Fails if files need each other in a circle, by the symbols that their objects define and use.

set -u

work=$(mktemp -d "${TMPDIR:-/tmp}/xdpdrop-circles.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# "USER DEFINER" for each two files, of lines "OBJECT: [VALUE] TYPE SYMBOL".
nm -A -g "$@" | awk '
	{
		sub(/:.*/, "", $1); file = $1
		sub(/.*\/(lib|loader)\//, "", file); sub(/\.o$/, "", file)
	}
	$(NF - 1) == "U" { users[$NF] = users[$NF] " " file }
	$(NF - 1) ~ /[TDRBVW]/ { definer[$NF] = file }
	END {
		for (symbol in definer) {
			n = split(users[symbol], user, " ")
			for (i = 1; i <= n; i++)
				print user[i], definer[symbol]
		}
	}' | sort -u >"$work/pairs"
[ -s "$work/pairs" ] || { echo "circles.sh: no symbols found" >&2; exit 1; }
tsort "$work/pairs" >"$work/order" 2>"$work/loops" && exit
sed "s|^tsort: $work/pairs|circles.sh|; s/^tsort: /    /" "$work/loops" >&2
exit 1
