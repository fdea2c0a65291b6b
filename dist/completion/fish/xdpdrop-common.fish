# SPDX-License-Identifier: GPL-2.0-only
# What the fish completions of several tools of xdpdrop list.

function __xdpdrop_programs
	xdpdrop-capture -D --json - 2>/dev/null | string match -arg '"program":"([^"]+)"' | sort -u
end

function __xdpdrop_reasons
	xdpdrop-capture -D --json - 2>/dev/null | string match -arg '"reasons":\[([^]]+)\]' |
		string split , | string trim -c '"' | sort -u
end

function __xdpdrop_actions
	string split ' ' 'aborted drop pass tx redirect all exception'
end

function __xdpdrop_interfaces
	command ls /sys/class/net 2>/dev/null
end
