#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Completion in bash, zsh and fish: the options are those of --help, and each shell completes
# options, interfaces, programs, reasons and taps. As root, in namespaces of its own, with what
# make testenv builds. A shell that is not installed is skipped; the last line has the totals.

set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source-path=SCRIPTDIR source=netns.sh
. testenv/netns.sh
top=$PWD
PATH=$PWD/${XDPDROP_BUILD:-build}:$PATH
export PATH
NS=completion
passed=0 failed=0 skipped=0

# What is typed, and what its last word becomes.
CASES='
xdpdrop-capture --snap                  --snaplen
xdpdrop-capture -t wr                   wrap
xdpdrop-capture --tap ex                exit
xdpdrop-capture -F pcapn                pcapng
xdpdrop-capture comple                  completion
xdpdrop-capture -i comple               completion
xdpdrop-capture -a drop,pa              drop,pass
xdpdrop-capture -p fire                 firewall
xdpdrop-capture --reason PING           PING_TOO_BIG
xdpdrop-capture --not-reason DNS_       DNS_REPLY
xdpdrop-capture --netns comple          completion
xdpdrop-capture --trigger gon           gone
xdpdrop-forward --relinq                --relinquish-privileges
xdpdrop-monitor --inter                 --interval
xdpdrop-monitor --tap wr                wrap
xdpdrop-monitor -a drop,pa              drop,pass
xdpdrop-monitor -p fire                 firewall
xdpdrop-monitor --reason PING           PING_TOO_BIG
xdpdrop-monitor comple                  completion
xdpdrop-loader feat                     features
xdpdrop-loader status comple            completion
xdpdrop-loader status --js              --json
xdpdrop-loader load --mode nat          native
xdpdrop-loader unload --al              --all
'

check() {
	local what=$1

	shift
	if "$@" >"$work/output" 2>&1; then
		echo "ok   $what"
		passed=$((passed + 1))
	else
		echo "FAIL $what"
		sed 's/^/     /' "$work/output"
		failed=$((failed + 1))
	fi
}

# -- options -------------------------------------------------------------------------------------

# Also those of its commands, if it has some.
help_of() {
	local command

	"$1" --help
	for command in $("$1" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
		"$1" "$command" --help
	done
}

# "LETTER NAME ARGUMENT" for each option, with - for what it does not have.
options_of_help() {
	local argument='[^ ]+' # behind one space, and what it means behind more

	help_of "$1" |
		sed -nE "s/^  (-(.), |    )--([a-z-]+)( ($argument))?(  .*)?\$/\2 \3 \5/p" |
		awk '!/^. / { $0 = "- " $0 } { print $1, $2, $3 ? $3 : "-" }' | sort -u
}

# The same, with "yes" for an argument.
options_of_zsh() {
	sed -nE -e "s/.*\{-(.)\+?,--([a-z-]+)=?\}'\[[^]]*\](:?).*/\1 \2 \3/p" \
		-e "s/.*['\"]\*?(\([^)]*\))?--([a-z-]+)=?\[[^]]*\](:?).*/- \2 \3/p" \
		"dist/completion/zsh/_$1" | sed 's/:$/yes/; s/ $/ -/' | sort -u
}

options_of_fish() {
	awk '/^\$.* -l / {
		letter = argument = "-"
		for (i = 1; i <= NF && $i != "-d"; i++) {
			if ($i == "-s") letter = $(i + 1)
			if ($i == "-l") name = $(i + 1)
			if ($i == "-x" || $i == "-r") argument = "yes"
		}
		print letter, name, argument
	}' "dist/completion/fish/$1.fish" | sort -u
}

check_options() {
	local tool=$1 shell=$2

	options_of_help "$tool" | awk '{ print $1, $2, $3 == "-" ? "-" : "yes" }' |
		sort -u >"$work/help"
	[ "$(wc -l <"$work/help")" -gt 5 ] || return
	"options_of_$shell" "$tool" >"$work/completed"
	diff "$work/help" "$work/completed"
}

# Bash asks the tool for options; which of them take an argument is in the file.
check_options_bash() {
	options_of_help "$1" | awk '$3 != "-" { print "--" $2 }' | sort -u >"$work/help"
	sed -n '/case $prev in/,/^	\*)/p' "dist/completion/bash/$1" |
		grep -oE -- '--[a-z][a-z-]+' | sort -u >"$work/completed"
	diff "$work/help" "$work/completed"
}

# auto|hook|tag|exit|wrap is in each file.
check_choices() {
	local choices file

	options_of_help "$1" | awk '$3 ~ /^[a-z|]+$/ { print $3 }' | tr '|' ' ' >"$work/choices"
	[ -s "$work/choices" ] || return
	while read -r choices; do
		for file in "dist/completion/bash/$1" "dist/completion/zsh/_$1" \
			"dist/completion/fish/$1.fish"; do
			grep -qF "$choices" "$file" || { echo "$file: no $choices"; return 1; }
		done
	done <"$work/choices"
}

# -- shells --------------------------------------------------------------------------------------

# What bash calls, for the words of a line.
complete_in_bash() {
	# shellcheck disable=SC2016
	bash --norc -c '
		. "dist/completion/bash/$1"
		function=$(complete -p "$1" | sed "s/.*-F \([^ ]*\) .*/\1/")
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"$function" 2>/dev/null
		printf "%s\n" "${COMPREPLY[@]}"' complete "$@"
}

# In a terminal: the line is typed, then a tab, then a key that writes what it has become.
prepare_zsh() {
	mkdir -p "$work/zsh"
	cat >"$work/zsh/.zshrc" <<-END
		fpath=($top/dist/completion/zsh \$fpath)
		autoload -Uz compinit && compinit -u -d $work/zsh/dump
		report() { print -r -- \$BUFFER >$work/zsh/line; BUFFER=exit; zle .accept-line }
		zle -N report
		bindkey '^I' complete-word '^T' report
		PS1='ready: '
	END
	cat >"$work/zsh/type" <<-'END'
		zmodload zsh/zpty
		zpty shell zsh -d -i
		zpty -r shell output '*ready: '
		zpty -w -n shell "$*"$'\t\x14'
		while zpty -r shell output; do :; done
	END
}

complete_in_zsh() {
	rm -f "$work/zsh/line"
	ZDOTDIR=$work/zsh TERM=dumb zsh -f "$work/zsh/type" "$*" >/dev/null
	sed 's/[ ,=]*$//; s/.* //' "$work/zsh/line"
}

complete_in_fish() {
	# shellcheck disable=SC2016
	HOME=$work fish -c 'set fish_complete_path dist/completion/fish; complete -C "$argv"' "$*" |
		cut -f 1
}

check_case() {
	local shell=$1 expected=$2 found

	shift 2
	found=$("complete_in_$shell" "$@")
	[ "$found" = "$expected" ] || { printf 'not %s but:\n%s\n' "$expected" "$found"; return 1; }
}

check_syntax() {
	local file

	for file in dist/completion/"$1"/*; do
		"$1" -n "$file" || return
	done
}

check_shell() {
	local shell=$1 line

	if ! command -v "$shell" >/dev/null; then
		echo "skip $shell: not installed"
		skipped=$((skipped + 1))
		return
	fi
	check "$shell reads the files" check_syntax "$shell"
	while read -r -a line; do
		[ ${#line[@]} -gt 0 ] || continue
		check "$shell: ${line[*]}" check_case "$shell" "${line[-1]}" \
			"${line[@]:0:${#line[@]}-1}"
	done <<<"$CASES"
}

inside() {
	local tool shell forward=xdpdrop-forward

	if ! command -v $forward >/dev/null; then
		forward=''
		CASES=$(grep -v '^xdpdrop-forward ' <<<"$CASES")
	fi

	netns_addresses 1
	work=/run/completion
	{ private_mounts $work && netns_setup $NS 1500 lo &&
		ip link set dev $NS xdp object build/testenv/firewall.bpf.o program firewall; } ||
		exit 1
	for tool in xdpdrop-capture xdpdrop-loader xdpdrop-monitor ${forward:+"$forward"}; do
		for shell in zsh fish; do
			check "$shell has the options of $tool" check_options "$tool" $shell
		done
		check "bash has the arguments of $tool" check_options_bash "$tool"
		[ "$tool" = "$forward" ] || check "choices of $tool" check_choices "$tool"
	done
	prepare_zsh
	for shell in bash zsh fish; do
		check_shell $shell
	done
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ]
	exit
}

[ "${1-}" != --inside ] || inside
[ "$(id -u)" = 0 ] || { echo "completion-test.sh: needs root" >&2; exit 2; }
exec unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
	testenv/completion-test.sh --inside
