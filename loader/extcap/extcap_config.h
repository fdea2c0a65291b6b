/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What xdpdrop-extcap prints for Wireshark's menus and dialogs: interfaces, link types, options.
 */
#ifndef XDPDROP_EXTCAP_CONFIG_H
#define XDPDROP_EXTCAP_CONFIG_H

#include <xdpdrop/xdpdrop.h>

/*
 * Print the interfaces with a tap that works, of all network namespaces, or, without privileges,
 * one whose name is the reason why there are none. Returns 0 or -errno.
 */
int extcap_config_interfaces(struct xdpdrop *session);

/* Print the link type of an interface of the session's network namespace. 0 or -errno. */
int extcap_config_dlts(struct xdpdrop *session, const char *ifname);

/*
 * Print the options of a capture on @ifname, and the values to choose from; @reload: only the
 * values of this one, NULL: all. 0 or -errno.
 */
int extcap_config_options(struct xdpdrop *session, const char *ifname, const char *reload);

#endif
