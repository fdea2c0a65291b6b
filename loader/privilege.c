// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the kernel for the effective capabilities; being root is neither needed nor enough.
 */
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privilege.h"

#define NEEDED (1U << CAP_SYS_ADMIN | 1U << CAP_NET_ADMIN)

bool privilege_suffices(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	return !syscall(SYS_capget, &header, data) && (data[0].effective & NEEDED) == NEEDED;
}
