# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Needs $work, a directory for files of its own.
# shellcheck disable=SC2154,SC2034

# Sets spent: seconds of CPU that this process's children have had.
count_spent() {
	local file=$work/times.$BASHPID
	times >"$file" # not in a process of its own, which has had no children
	spent=$(awk -F '[ms ]+' 'NR == 2 { print int($1 * 60 + $2 + $3 * 60 + $4) }' "$file")
}
