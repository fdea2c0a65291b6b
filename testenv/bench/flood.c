// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the flood and reads what it says.
 */
#include "flood.h"

#include <unistd.h>

#include "bench.h"
#include "process.h"

struct texts {
	char size[24], frames[24], seconds[24], rate[24], cpu[24];
};

static void put(char text[24], long value)
{
	snprintf(text, 24, "%ld", value);
}

static void read_output(int fd, struct flood *flood)
{
	char line[256];
	ssize_t length = pread(fd, line, sizeof(line) - 1, 0);
	long size;

	line[length > 0 ? length : 0] = '\0';
	if (sscanf(line, "%lf frames of %ld bytes sent in %lf s", &flood->sent, &size,
		   &flood->took) != 3)
		die("flood said '%s'", line);
}

void flood_run(struct flood *flood)
{
	char *program = bench_path("testenv/flood"), *object = bench_path("testenv/flood.bpf.o");
	struct texts text;
	char *argv[] = {
		program,   "-s", text.size, "-n",   text.frames,	   "-t", text.seconds, "-r",
		text.rate, "-c", text.cpu,  object, (char *)flood->ifname, NULL
	};
	int out = bench_file("/run"), status;
	struct process child;

	put(text.size, flood->size);
	put(text.frames, flood->frames);
	put(text.seconds, flood->seconds);
	put(text.rate, flood->rate);
	put(text.cpu, bench.work_cpu);
	process_exec(&child, argv, bench.work_cpu, out);
	process_wait(&child, &status);
	if (status)
		die("flood: %s", process_last_line(&child));
	read_output(out, flood);
	close(out);
	free(program);
	free(object);
}
