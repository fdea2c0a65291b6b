// SPDX-License-Identifier: GPL-2.0-only
/*
 * The firewall for interfaces whose frames may be larger than a page. An object of its own: a
 * hook takes programs with fragments or without, never both.
 */
#define FIREWALL_SECTION "xdp.frags"
#include "firewall.bpf.c"
