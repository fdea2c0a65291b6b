# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 source-path=SCRIPTDIR source=../helpers.sh
#
# The alerts and the dashboard in doc/: each expression is one of Prometheus's language, about
# metrics that xdpdrop-monitor has, and alerts fire when they should.
. "${BASH_SOURCE[0]%/*}/../helpers.sh"

KERNELS=any # no XDP program is involved
ALL_TESTS="test_alerts_are_valid test_alerts_fire test_dashboard_is_valid test_dashboard_metrics"

DOC=${TESTENV%/*}/doc
METRICS='xdpdrop_(frames_total|bytes_total|lost_total|captured_total|lease_seconds'
METRICS+='|counting|build_info)'

begin_rules() {
	begin
	need promtool jq
	cp "$DOC/prometheus-alerts.yml" "$DOC/grafana-dashboard.json" .
}

# The dashboard's expressions, with values for the variables, one in each line.
expressions() {
	jq -r '(.panels[].targets[].expr), (.annotations.list[].expr)' grafana-dashboard.json |
		sed 's/\$__rate_interval/5m/g; s/\$__range/3h/g; s/\$instance/.*/g
			s/\$interface/.*/g'
}

test_alerts_are_valid() {
	begin_rules
	promtool check rules prometheus-alerts.yml >check.log 2>&1 || fail "alerts"
	grep -q 'SUCCESS: [1-9]' check.log || fail "no alerts"
}

test_alerts_fire() {
	begin_rules
	cp "$TESTENV/tests/alerts.yml" .
	promtool test rules alerts.yml >alerts.log 2>&1 || fail "alerts"
	# each alert is in the test
	sed -n 's/^ *- alert: //p' prometheus-alerts.yml | sort -u >alerts
	sed -n '/exp_alerts/!s/^ *- alertname: //p' alerts.yml | sort -u | diff alerts - ||
		fail "alerts without a test"
}

test_dashboard_is_valid() {
	begin_rules
	expressions >list
	[ "$(wc -l <list)" -gt 8 ] || fail "expressions"
	! grep -F '$' list || fail "a variable that is not known here"
	{
		printf 'groups:\n- name: dashboard\n  rules:\n'
		sed "s/.*/  - record: panel\n    expr: >-\n      &/" list
	} >rules.yml
	promtool check rules rules.yml >check.log 2>&1 || fail "an expression of the dashboard"
	# what Grafana does not import otherwise
	jq -e '.title and .uid and (.panels | length) > 5 and ([.panels[].id] | unique | length) ==
		(.panels | length) and all(.panels[]; .gridPos.x + .gridPos.w <= 24)' \
		grafana-dashboard.json >/dev/null || fail "the dashboard"
}

test_dashboard_metrics() {
	begin_rules
	{
		expressions
		cat prometheus-alerts.yml
	} | grep -oE '\bxdpdrop_[a-z_]+' | sort -u >used
	[ "$(grep -cE "^$METRICS\$" used)" = 7 ] || fail "not all metrics are used"
	! grep -vE "^$METRICS\$" used || fail "a metric that xdpdrop-monitor does not have"
}
