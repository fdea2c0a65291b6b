#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks the manual pages against what they describe: that they are well-formed, that options in
# them and in --help are the same, that they have every function of the library and every field of
# its structures, that their examples compile. Needs ./configure run and the tools built, but no
# root.

set -u
cd "$(dirname "$0")/.." || exit 1
build=${XDPDROP_BUILD:-build}
capture=${XDPDROP_CAPTURE:-$build/xdpdrop-capture}
loader=${XDPDROP_LOADER:-$build/xdpdrop-loader}
extcap=${XDPDROP_EXTCAP:-$build/xdpdrop-extcap}
replay=${XDPDROP_REPLAY:-$build/xdpdrop-replay}
forward=${XDPDROP_FORWARD:-$build/xdpdrop-forward}
monitor=${XDPDROP_MONITOR:-$build/xdpdrop-monitor}

work=$(mktemp -d "${TMPDIR:-/tmp}/xdpdrop-manual.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# A page may refer to pages that are not installed here.
check_form() {
	if ! command -v mandoc >/dev/null; then
		echo "mandoc is not installed: the pages' form is not checked"
		return 0
	fi
	for page in man/*.[1-9]; do
		mandoc -T lint "$page" 2>&1 | grep -v -e mandoc.db \
			-e 'referenced manual not found' -e 'operating system explicitly specified'
	done >"$work/form"
	cat "$work/form"
	[ ! -s "$work/form" ]
}

# "-s, --snaplen BYTES" for each option, from ".It Fl s Ar BYTES , Fl Fl snaplen Ar BYTES".
options_of_page() {
	sed -n -e '/^\.It Fl /!d' -e 's/^\.It //' -e 's/Fl Fl /--/g' -e 's/Fl /-/g' \
		-e 's/ Ar [^ ]* ,/,/' -e 's/ ,/,/' -e 's/ Ar / /' -e p "$1" | sort -u
}

# Also those of its commands, if it has some.
help_of() {
	"$1" --help
	for command in $("$1" --help | sed -n -e '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
		"$1" "$command" --help
	done
}

options_of_help() {
	help_of "$1" | sed -n -e 's/^  *\(-.*\)/\1/' -e T -e 's/   *.*//' -e p | sort -u
}

check_options() {
	options_of_page "man/$(basename "$1").8" >"$work/page"
	options_of_help "$1" >"$work/help"
	if [ ! -s "$work/page" ] || [ ! -s "$work/help" ]; then
		echo "no options found in the page or in --help of $1"
		return 1
	fi
	diff -u --label "manual page" --label --help "$work/page" "$work/help"
}

functions() {
	cat lib/*.h | grep -o 'xdpdrop_[a-z_]*(' | tr -d '(' | sort -u
}

metrics() {
	grep -o '"xdpdrop_[a-z_]*["{]' loader/publish/metrics_text.c | tr -d '"{' | sort -u
}

check_metrics() {
	missing=0
	for metric in $(metrics); do
		grep -qE "^\.It.* $metric( |\$)" man/xdpdrop-monitor.8 && continue
		echo "xdpdrop-monitor(8) does not describe $metric"
		missing=1
	done
	return "$missing"
}

check_functions() {
	missing=0
	for function in $(functions); do
		sed '1,/^\.Sh DESC/d' man/libxdpdrop.3 | grep -q "^\.F[no] $function\>" && continue
		echo "libxdpdrop(3) does not describe $function()"
		missing=1
	done
	return "$missing"
}

# "HEADER FUNCTION" for each function that one gets by it. Programs include xdpdrop.h, not parts.
declared() {
	for header in lib/*.h; do
		name=${header#lib/}
		! grep -q "^#include \"$name\"" lib/xdpdrop.h || name=xdpdrop.h
		"${CC:-cc}" -w -fpreprocessed -dD -E -P "$header" |
			grep -o 'xdpdrop_[a-z_]*(' | sed "s|^|$name |; s/($//"
	done
}

# The same, of the page's synopsis, where a function follows the header to include.
declared_in_page() {
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' man/libxdpdrop.3 | awk '
		$1 == ".In" { header = $2; sub(/.*\//, "", header) }
		$1 == ".Fn" || $1 == ".Fo" { print header, $2 }'
}

check_synopsis() {
	declared | sort >"$work/declared"
	declared_in_page | sort >"$work/synopsis"
	diff -u --label headers --label "manual page" "$work/declared" "$work/synopsis"
}

# "STRUCTURE FIELD" for each field of the public structures. xdpdrop_why is of hooks only.
fields() {
	cat lib/*.h xdp-dispatcher-hook/include/xdpdrop/record.h |
		"${CC:-cc}" -w -fpreprocessed -dD -E -P -x c - | awk '
		/^struct [a-z_]* \{/ { name = $2 == "xdpdrop_why" ? "" : $2; next }
		/^\}/ { name = "" }
		name {
			sub(/;.*/, "")
			gsub(/\[[^]]*\]|\*/, "")
			for (i = split($0, part, ","); i; i--) {
				n = split(part[i], word, /[ \t]+/)
				print name, word[n]
			}
		}' | sort
}

# The same, of the lists in the page that follow comments with names of structures.
fields_of_page() {
	awk '
		/^\.\\" struct / { name = $3 }
		/^\.El/ { name = "" }
		name && /^\.(It )?(Vt|Fa) / {
			for (i = 1; i < NF; i++)
				if ($i == "Fa") print name, $(i + 1)
			if ($1 == ".Fa" && listing) print name, $2
		}
		/^\.It Xo/ { listing = 1 }
		/^\.Xc/ { listing = 0 }' man/libxdpdrop.3 | sort
}

check_fields() {
	fields >"$work/header-fields"
	fields_of_page >"$work/page-fields"
	[ "$(wc -l <"$work/header-fields")" -gt 50 ] || return 1
	diff -u --label headers --label "manual page" "$work/header-fields" "$work/page-fields"
}

# Print the example that follows the comment "example: NAME" in a page.
example() {
	sed -n -e "/^\\.\\\\\" example: $2\$/,/^\\.Ed/{/^\\./!p}" "$1" |
		sed -e 's/\\e/\\/g' -e 's/^\\&//'
}

check_hook_example() {
	example man/xdpdrop-hook.7 "$1.bpf.c" >"$work/$1.bpf.c"
	[ -s "$work/$1.bpf.c" ] || return 1
	# shellcheck disable=SC2046 # several flags
	"${CLANG:-clang}" -O2 -g -target bpf -Wall -Werror -Ixdp-dispatcher-hook/include \
		$(sed -n 's/^BPF_CFLAGS *= *//p' config.mk) \
		-c -o "$work/$1.bpf.o" "$work/$1.bpf.c"
}

check_library_example() {
	mkdir "$work/xdpdrop"
	cp lib/*.h "$work/xdpdrop"
	example man/libxdpdrop.3 capture.c >"$work/capture.c"
	[ -s "$work/capture.c" ] || return 1
	"${CC:-cc}" -Wall -Wextra -Werror -I"$work" -Ixdp-dispatcher-hook/include \
		-c -o "$work/capture.o" "$work/capture.c"
}

# The examples that are installed are those of the pages.
check_example_files() {
	for file in doc/examples/*; do
		cat man/*.[1-9] >"$work/pages"
		example "$work/pages" "$(basename "$file")" >"$work/example"
		sed 1d "$file" | diff -u --label page --label "$file" "$work/example" - || return 1
	done
}

status=0
check() {
	if "$@"; then
		echo "ok   $*"
	else
		echo "FAIL $*"
		status=1
	fi
}

check check_form
check check_options "$capture"
check check_options "$loader"
check check_options "$extcap"
check check_options "$replay"
[ ! -x "$forward" ] || check check_options "$forward"
[ ! -x "$monitor" ] || check check_options "$monitor"
[ ! -x "$monitor" ] || check check_metrics
check check_functions
check check_synopsis
check check_fields
check check_hook_example discard
check check_hook_example split
check check_library_example
check check_example_files
exit $status
