// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/outputs.h"

/* The length of @path up to its extension. A name that begins with a dot is none. */
static int outputs_stem(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	return (dot && dot > name ? dot : path + strlen(path)) - path;
}

/* Of equal width, so that no name is another one with digits behind it. */
static char *outputs_number(const char *path, unsigned int number, unsigned int threads)
{
	int stem = outputs_stem(path), width = threads > 10 ? 2 : 1;
	char *name;

	return asprintf(&name, "%.*s.%0*u%s", stem, path, width, number, path + stem) < 0 ? NULL :
											    name;
}

/* Numbers beside a device or a FIFO would be files that nobody has asked for. */
static bool outputs_is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

static int outputs_open_one(struct outputs *outputs, const char *path, unsigned int threads,
			    const struct output_wait *wait, struct output_error *error)
{
	unsigned int number = outputs->count;
	char *name = outputs_number(path, number, threads);
	int err;

	outputs->name[number] = name;
	outputs->failed = number;
	if (!name) {
		*error = (struct output_error){ .why = strerror(ENOMEM) };
		return -ENOMEM;
	}
	if (outputs_is_special(name)) {
		*error = (struct output_error){ .why = "it exists, and is no regular file",
						.misuse = true };
		return -EEXIST;
	}
	err = output_open(&outputs->output[number], name, wait, error);
	if (err)
		return err;
	outputs->fd[number] = outputs->output[number].fd;
	outputs->count++;
	return 0;
}

static int outputs_describe(struct outputs *outputs, unsigned int count, const char *first,
			    const char *last)
{
	int length = count < 2 ? asprintf(&outputs->text, "%s", last) :
				 asprintf(&outputs->text, "%s %s %s", first,
					  count > 2 ? "to" : "and", last);

	if (length >= 0)
		return 0;
	outputs->text = NULL;
	return -ENOMEM;
}

static int outputs_open_all(struct outputs *outputs, const char *path, unsigned int threads,
			    const struct output_wait *wait, struct output_error *error)
{
	int err = 0;

	if (outputs_is_special(path)) {
		*error = (struct output_error){
			.why = "with --threads, it has to be the name of a file", .misuse = true
		};
		return -EINVAL;
	}
	while (!err && outputs->count < threads)
		err = outputs_open_one(outputs, path, threads, wait, error);
	if (err)
		return err;
	*error = (struct output_error){ .why = strerror(ENOMEM) };
	return outputs_describe(outputs, threads, outputs->name[0], outputs->name[threads - 1]);
}

int outputs_open(struct outputs *outputs, const char *path, unsigned int threads,
		 const struct output_wait *wait, struct output_error *error)
{
	int err;

	*outputs = (struct outputs){ .count = 0 };
	if (!threads) {
		outputs->count = 1;
		return output_open(&outputs->output[0], path, wait, error);
	}
	err = outputs_open_all(outputs, path, threads, wait, error);
	if (!err)
		return 0;
	outputs_discard(outputs);
	for (unsigned int i = 0; i < outputs->count; i++)
		output_close(&outputs->output[i]);
	/* the names are needed for the message */
	outputs->count = 0;
	return err;
}

void outputs_set(struct outputs *outputs, const struct output *output)
{
	*outputs = (struct outputs){ .count = 1, .output = { *output } };
}

int outputs_set_series(struct outputs *outputs, struct xdpdrop_files *files, unsigned int threads)
{
	outputs_set(outputs, &(struct output){ .fd = -1 });
	for (; outputs->series < threads; outputs->series++) {
		char *name = outputs_number(files->name, outputs->series, threads);

		if (!name)
			return -ENOMEM;
		outputs->name[outputs->series] = name;
	}
	if (threads < 2) {
		/* it has its name, or the number of the only thread */
		files->name = threads ? outputs->name[0] : files->name;
		outputs->series = 0;
		return 0;
	}
	files->thread_names = (const char *const *)outputs->name;
	files->name = NULL;
	return 0;
}

static int outputs_describe_series(struct outputs *outputs, const struct xdpdrop *session)
{
	const unsigned int count = outputs->series;

	return !count ? 0 :
			outputs_describe(outputs, count, xdpdrop_thread_file_name(session, 0),
					 xdpdrop_thread_file_name(session, count - 1));
}

int outputs_lock(struct outputs *outputs, struct output_error *error)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < outputs->count; i++) {
		outputs->failed = i;
		err = output_lock(&outputs->output[i], error);
	}
	return err;
}

int outputs_begin(struct outputs *outputs, struct xdpdrop *session)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < outputs->count; i++)
		err = output_begin(&outputs->output[i]);
	err = err ? err : xdpdrop_begin_output(session);
	return err ? err : outputs_describe_series(outputs, session);
}

bool outputs_are(const struct outputs *outputs, int fd)
{
	for (unsigned int i = 0; i < outputs->count; i++)
		if (output_is(&outputs->output[i], fd))
			return true;
	return false;
}

void outputs_discard(const struct outputs *outputs)
{
	for (unsigned int i = 0; i < outputs->count; i++)
		output_discard(&outputs->output[i]);
}

int outputs_close(struct outputs *outputs)
{
	int first = 0;

	for (unsigned int i = 0; i < outputs->count; i++) {
		int err = output_close(&outputs->output[i]);

		first = first ? first : err;
	}
	for (unsigned int i = 0; i < OUTPUTS_MOST; i++)
		free(outputs->name[i]);
	free(outputs->text);
	*outputs = (struct outputs){ .count = 0 };
	return first;
}

void outputs_place(struct outputs *outputs, struct xdpdrop_output *library)
{
	output_place(&outputs->output[0], library);
	library->thread_count = outputs->series;
	if (outputs->count < 2)
		return;
	library->fd = -1;
	library->thread_fds = outputs->fd;
	library->thread_count = outputs->count;
}

const char *outputs_name(const struct outputs *outputs, unsigned int number)
{
	return number < OUTPUTS_MOST ? outputs->name[number] : NULL;
}

bool outputs_have_threads(const struct outputs *outputs)
{
	return outputs->count > 1 || outputs->series;
}

bool outputs_are_named(const struct outputs *outputs)
{
	const struct output *first = &outputs->output[0];

	return !first->listen.count && (first->fd < 0 || first->fd > STDERR_FILENO);
}

const char *outputs_present(const struct outputs *outputs, const struct xdpdrop *session)
{
	const char *series = xdpdrop_file_name(session);
	int failed = xdpdrop_failed_thread(session);

	if (failed >= 0)
		return outputs->series ? xdpdrop_thread_file_name(session, failed) :
					 outputs_name(outputs, failed);
	if (outputs->text)
		return outputs->text;
	return series ? series : outputs->output[0].path;
}
