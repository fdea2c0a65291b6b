/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxdpdrop: where a capture's records go. Included by xdpdrop.h.
 */
#ifndef XDPDROP_OUTPUT_H
#define XDPDROP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xdpdrop;

enum xdpdrop_format { XDPDROP_PCAPNG, XDPDROP_PCAP };

/* Creates a file as open(2) does; called in a child process. Since: 0.2 */
typedef int (*xdpdrop_create_fn)(const char *path, int flags, mode_t mode);

/*
 * A flight recorder: the last frames are kept in memory, and nothing is written until a trigger.
 * Then a file begins with all frames that are kept, and goes on for a time. Further triggers in
 * that time extend it. Its name is that of the series, with time and trigger before the extension.
 * A frame of a reason of which half of the memory is full displaces the oldest ones of that reason;
 * otherwise the oldest ones of the reason that holds the most make room. Since: 0.2
 */
struct xdpdrop_history {
	size_t size;		     /* sizeof(struct xdpdrop_history), for extension */
	__u64 bytes;		     /* of memory, at least 1 MiB; 0: 64 MiB */
	__u32 seconds;		     /* older frames are not kept; 0: no limit */
	__u32 after_ms;		     /* for which a file goes on after the last trigger */
	__u32 holdoff_ms;	     /* in which a trigger does not act again */
	const char *const *triggers; /* as option --trigger of xdpdrop-capture(8); ends with NULL */
};

/*
 * A series of files. A file ends when it is larger than @bytes, or when a period of @seconds has
 * ended, and the next one begins with the next record, or with the next period. Each file stands
 * alone; the statistics of pcapng files count what happened during the file. A child process
 * creates and deletes files. An old file of the same name is replaced. Since: 0.2
 */
struct xdpdrop_files {
	size_t size;	  /* sizeof(struct xdpdrop_files), for extension */
	const char *name; /* of the files; with seconds, a format of strftime(3) */
	__u64 bytes;	  /* 0: no limit; then numbers follow the name, from the second file on */
	unsigned int seconds; /* 0: no periods */
	/*
	 * Of files. With bytes: the first file of the period is replaced when there would be more,
	 * and all names have numbers of equal width. Only with seconds: the series, and the
	 * capture, ends with -ENODATA after so many periods. 0: no limit.
	 */
	unsigned int count;
	/*
	 * Of all files, also those of earlier captures whose names match, at least 8 and twice
	 * bytes: oldest files are deleted, also when the disk is full. 0: none is.
	 */
	__u64 max_bytes;
	xdpdrop_create_fn create; /* NULL: open(2) */
	/*
	 * Files begin at triggers; then bytes and seconds are 0, and the oldest file is deleted
	 * when there would be more than count. A file ends early at half of max_bytes. NULL: no
	 * frames are kept. Since: 0.2
	 */
	const struct xdpdrop_history *history;
	/*
	 * Instead of name, with thread_count: a name of the files of each thread. They are
	 * different, all in the directory of the first one, and none is another one with digits
	 * behind it. bytes, seconds and count are for the files of each thread; max_bytes is for
	 * those of all, and for each thread at least 8 and twice bytes. Excludes a history.
	 * Since: 0.2
	 */
	const char *const *thread_names;
};

/* Where records go. Since: 0.1 */
struct xdpdrop_output {
	size_t size; /* sizeof(struct xdpdrop_output), for extension */
	int fd;	     /* stays the caller's to close */
	enum xdpdrop_format format;
	bool nanoseconds;	 /* pcap only: nanosecond magic and times */
	bool unbuffered;	 /* write each record at once, not those of a round together */
	const char *application; /* pcapng: name and version of the program, may be NULL */
	/*
	 * Instead of fd, which must be -1: stream sockets that listen. They become non-blocking,
	 * and stay the caller's to close after xdpdrop_free(). Up to 16 clients get the header and
	 * the interfaces, and the records from when they were accepted by xdpdrop_begin_output()
	 * or xdpdrop_poll() on. A client that reads slowly loses whole records; it never delays the
	 * capture. Since: 0.2
	 */
	const int *listen_fds;
	unsigned int listen_count; /* up to 8. Since: 0.2 */
	bool no_verdict; /* pcapng: verdicts are in comments, see the manual. Since: 0.2 */
	/* Instead of fd, which must be -1: a series of files. Since: 0.2 */
	const struct xdpdrop_files *files;
	/*
	 * fd: a regular file that nobody else writes, at its start. Long writes go past the page
	 * cache (O_DIRECT), as they do for files of a series, where the disk is fast enough and the
	 * file system allows it. Since: 0.2
	 */
	bool direct;
	/*
	 * Instead of fd, which must be -1: descriptors of files, one for each thread that reads
	 * rings; NULL with a series of files. xdpdrop_poll() starts these threads, each call again,
	 * also after xdpdrop_delegate(). The rings of all CPUs are spread over them. Each file
	 * stands alone, with its frames in order, and their times merge with those of the other
	 * files. The statistics of pcapng files are of the CPUs whose frames the file has. An error
	 * of one file ends the capture. Excludes a handler and xdpdrop_set_limit(). Since: 0.2
	 */
	const int *thread_fds;
	unsigned int thread_count; /* 2 to 16; 0: one thread, the caller's. Since: 0.2 */
};

/*
 * Write records to a file, before xdpdrop_activate(). Without success there is no output, not even
 * one that was set before. Errors: -EINVAL, -ENOMEM. Since: 0.1
 */
int xdpdrop_set_output(struct xdpdrop *session, const struct xdpdrop_output *output);

#ifdef __cplusplus
}
#endif

#endif
