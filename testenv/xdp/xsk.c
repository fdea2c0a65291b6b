// SPDX-License-Identifier: GPL-2.0-only
/*
 * An AF_XDP socket on the first queue of an interface, made and ended as programs make and end
 * theirs by libxdp, which attaches its own XDP program with the first socket and detaches it with
 * the last. Prints "open" once the socket is there, and ends it at the end of standard input.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xdp/xsk.h>

#include "helper.h"

#define FRAMES 64
#define BYTES (FRAMES * XSK_UMEM__DEFAULT_FRAME_SIZE)

int main(int argc, char **argv)
{
	const struct xsk_socket_config config = {
		.rx_size = FRAMES / 2,
		.tx_size = FRAMES / 2,
		.bind_flags = XDP_COPY,
	};
	struct xsk_ring_prod fill, tx;
	struct xsk_ring_cons completion, rx;
	struct xsk_umem *umem;
	struct xsk_socket *socket;
	void *area;
	char byte;
	int err;

	if (argc != 2)
		die("needs an interface");
	area = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		die("no memory");
	err = xsk_umem__create(&umem, area, BYTES, &fill, &completion, NULL);
	if (err)
		die("xsk_umem__create: %s", strerror(-err));
	/* the kernel frees the queue of an earlier socket some time after that one's end */
	while ((err = xsk_socket__create(&socket, argv[1], 0, umem, &rx, &tx, &config)) == -EBUSY)
		usleep(20000);
	if (err)
		die("xsk_socket__create: %s", strerror(-err));
	puts("open");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	xsk_socket__delete(socket);
	return xsk_umem__delete(umem) ? 1 : 0;
}
