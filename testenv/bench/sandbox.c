// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mount and network namespaces, and veth pairs that send nothing of their own accord.
 */
#include "sandbox.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "bench.h"
#include "process.h"

static void mount_new(const char *type, const char *where, const char *options)
{
	if (mount(type, where, type, 0, options))
		die("cannot mount %s on %s: %s", type, where, strerror(errno));
}

static void silence_ipv6(const char *which)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", which);
	fd = open(path, O_WRONLY);
	/* no such file: no IPv6 */
	if (fd >= 0 && write(fd, "1", 1) != 1)
		die("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

void sandbox_enter(void)
{
	if (geteuid())
		die("needs root: it loads programs and makes network interfaces of its own");
	/* it ends with us, and so do the interfaces that are wrapped */
	setenv("XDPDROP_UNSAFE_BPFFS", "1", 1);
	if (unshare(CLONE_NEWNS | CLONE_NEWNET))
		die("cannot make namespaces: %s", strerror(errno));
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("cannot make mounts private: %s", strerror(errno));
	mount_new("sysfs", "/sys", NULL);
	mount_new("bpf", SANDBOX_BPFFS, NULL);
	/* half of the memory at most, which is tmpfs' own default */
	mount_new("tmpfs", SANDBOX_TMPFS, NULL);
	silence_ipv6("all");
	silence_ipv6("default");
}

static void run_ip(char *const argv[])
{
	struct process child;
	int status;

	process_exec(&child, argv, bench.work_cpu, -1);
	process_wait(&child, &status);
	if (status)
		die("ip %s: %s", argv[2], process_last_line(&child));
}

__u32 sandbox_veth(const char *name, const char *peer)
{
	char *add[] = { "ip",	"link", "add",	(char *)name, "type",
			"veth", "peer", "name", (char *)peer, NULL };
	char *up[] = { "ip", "link", "set", (char *)name, "up", NULL };
	char *peer_up[] = { "ip", "link", "set", (char *)peer, "up", NULL };

	run_ip(add);
	run_ip(up);
	run_ip(peer_up);
	return if_nametoindex(name);
}
