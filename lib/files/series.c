// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Owns the list of files. A file is deleted only if it is a regular one that no process has locked.
 */
#include "files/series.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "files/snapshot_name.h"

#define SECOND_NS 1000000000LL

static void series_forget(struct series *series, size_t index)
{
	struct series_file *file = &series->file[index];

	series->bytes -= file->bytes;
	free(file->path);
	series->count--;
	memmove(file, file + 1, (series->count - index) * sizeof(*file));
}

/* Add a file that exists. One that has gone is not added. */
static int series_add(struct series *series, const char *path)
{
	struct series_file file = { 0 };
	struct stat st;

	if (lstat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	if (!ARRAY_GROW(series->file, series->count))
		return -ENOMEM;
	file.path = strdup(path);
	if (!file.path)
		return -ENOMEM;
	file.bytes = st.st_size;
	file.changed = st.st_mtim.tv_sec * SECOND_NS + st.st_mtim.tv_nsec;
	series->bytes += file.bytes;
	series->file[series->count++] = file;
	return 0;
}

static int series_compare(const void *left, const void *right)
{
	const struct series_file *a = left, *b = right;

	return a->changed < b->changed ? -1 : a->changed > b->changed;
}

static bool series_matches(const struct series *series, const char *name)
{
	for (unsigned int i = 0; i < series->writers; i++) {
		const struct template *names = &series->writer[i].names;

		if (series->events ? snapshot_name_matches(names->text, name) :
				     template_matches(names, name))
			return true;
	}
	return false;
}

static bool series_is_limited(const struct series *series)
{
	return series->max_bytes || series->most;
}

/* With the slash behind it; "": the working directory. */
static void series_directory(const struct series_writer *writer, char *prefix, size_t size)
{
	const char *slash = strrchr(writer->names.text, '/');

	*prefix = '\0';
	if (slash)
		snprintf(prefix, size, "%.*s", (int)(slash - writer->names.text + 1),
			 writer->names.text);
}

static int series_read_directory(struct series *series, DIR *directory, const char *prefix)
{
	char path[PATH_MAX];
	int err = 0;

	for (struct dirent *entry; !err && (entry = readdir(directory));)
		if (series_matches(series, entry->d_name) &&
		    snprintf(path, sizeof(path), "%s%s", prefix, entry->d_name) < PATH_MAX)
			err = series_add(series, path);
	return err;
}

int series_begin(struct series *series)
{
	char prefix[PATH_MAX];
	DIR *directory;
	int err;

	series->starting = !series->events;
	if (!series_is_limited(series))
		return 0;
	/* that of all */
	series_directory(series->writer, prefix, sizeof(prefix));
	/* one that cannot be read is reported when the first file is created */
	directory = opendir(*prefix ? prefix : ".");
	if (!directory)
		return 0;
	err = series_read_directory(series, directory, prefix);
	closedir(directory);
	if (series->count)
		qsort(series->file, series->count, sizeof(*series->file), series_compare);
	return err;
}

/* A locked descriptor; -EEXIST: it is no regular file; -EBUSY: it is locked; or open()'s errors. */
static int series_open_old(const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? -EEXIST : -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -EEXIST;
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return -EBUSY;
	return take_fd(&fd);
}

/* 0, or series_open_old()'s errors, or unlink()'s. */
static int series_unlink(const char *path)
{
	CLEANUP_FD int fd = series_open_old(path);

	if (fd < 0)
		return fd;
	return unlink(path) ? -errno : 0;
}

static bool series_exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

/* A process that was killed may have left files of such names. */
static int series_set_aside(struct series_writer *writer)
{
	CLEANUP_FD int fd = series_open_old(writer->current);
	char path[PATH_MAX];

	if (fd < 0)
		return fd;
	for (unsigned int number = 0; !number || series_exists(path); number++)
		if (snprintf(path, sizeof(path), "%s.before%u", writer->current, number) >=
		    PATH_MAX)
			return -ENAMETOOLONG;
	if (rename(writer->current, path))
		return -errno;
	strcpy(writer->before, path);
	return 0;
}

/* Returns whether there were any. */
static bool series_delete_replaced(struct series *series)
{
	bool any = false;

	for (unsigned int i = 0; i < series->writers; i++) {
		struct series_writer *writer = &series->writer[i];

		any |= *writer->before && !unlink(writer->before);
		*writer->before = '\0';
	}
	return any;
}

int series_delete_oldest(struct series *series)
{
	while (series->count) {
		int err = series_unlink(series->file[0].path);

		series_forget(series, 0);
		series->deleted += !err;
		if (!err)
			return 0;
	}
	return -ENOENT;
}

static void series_make_room(struct series *series)
{
	__u64 reserve = series->reserve * series->writers;

	while ((series->max_bytes && series->bytes + reserve > series->max_bytes) ||
	       (series->most && series->count >= series->most))
		if (series_delete_oldest(series))
			return;
}

int series_free_space(struct series *series)
{
	if (series_delete_replaced(series))
		return 0;
	return series->max_bytes ? series_delete_oldest(series) : -ENOENT;
}

static int series_create(const struct series *series, struct series_writer *writer)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY;
	int fd = series->create(writer->current, flags, 0600), err;

	if (fd < 0 && errno == EEXIST && !series->events) {
		err = series->starting ? series_set_aside(writer) : series_unlink(writer->current);
		if (err)
			return err;
		fd = series->create(writer->current, flags, 0600);
	}
	writer->created = fd >= 0;
	return fd < 0 ? -errno : fd;
}

/* On a full disk, or where a quota is used up, deleting files may help. */
static int series_create_somehow(struct series *series, struct series_writer *writer)
{
	int fd = series_create(series, writer);

	while ((fd == -ENOSPC || fd == -EDQUOT) &&
	       (series_delete_replaced(series) || !series_delete_oldest(series)))
		fd = series_create(series, writer);
	return fd;
}

/* A file of this name is about to be replaced. */
static void series_forget_path(struct series *series, const char *path)
{
	for (size_t i = 0; i < series->count; i++)
		if (!strcmp(series->file[i].path, path)) {
			series_forget(series, i);
			return;
		}
}

/* The present file becomes an earlier one. */
static int series_end_current(struct series *series, const struct series_writer *writer)
{
	return series_is_limited(series) && *writer->current ? series_add(series, writer->current) :
							       0;
}

static int series_lock(struct series_writer *writer, int fd)
{
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		/* of the other process now */
		writer->created = false;
		close(fd);
		return -EBUSY;
	}
	return fd;
}

static int series_open(struct series *series, struct series_writer *writer)
{
	int err = series->events ? -EINVAL : series_end_current(series, writer);

	err = err   ?:
		      template_name(&writer->names, writer->start, writer->number, writer->current,
				    sizeof(writer->current));
	if (err)
		return err;
	series_forget_path(series, writer->current);
	if (!series->starting)
		series_make_room(series);
	return series_lock(writer, series_create_somehow(series, writer));
}

int series_event(struct series *series, time_t time, const char *event)
{
	struct series_writer *writer = series->writer;
	int fd = -EEXIST, err = series->events ? series_end_current(series, writer) : -EINVAL;

	if (!err)
		series_make_room(series);
	for (unsigned int again = 0; !err && fd == -EEXIST; again++) {
		err = snapshot_name(writer->names.text, time, event, again, writer->current,
				    sizeof(writer->current));
		if (!err)
			fd = series_create_somehow(series, writer);
	}
	return err ? err : series_lock(writer, fd);
}

int series_check(struct series *series)
{
	char *directory = series->writer->current;

	series_directory(series->writer, directory, sizeof(series->writer->current));
	if (!*directory)
		strcpy(directory, "./");
	if (faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS))
		return -errno;
	*directory = '\0';
	return 0;
}

int series_begin_period(struct series *series, unsigned int number, time_t start)
{
	struct series_writer *writer = &series->writer[number];

	writer->start = start;
	writer->number = 0;
	return series_open(series, writer);
}

int series_next(struct series *series, unsigned int number)
{
	struct series_writer *writer = &series->writer[number];

	writer->number++;
	if (writer->number == series->ring)
		writer->number = 0;
	return series_open(series, writer);
}

void series_begun(struct series *series)
{
	series_delete_replaced(series);
	series->starting = false;
	series_make_room(series);
}

/* A file that another process has made meanwhile stays. */
static void series_undo_one(const struct series_writer *writer)
{
	if (writer->created)
		unlink(writer->current);
	if (*writer->before && !series_exists(writer->current))
		rename(writer->before, writer->current);
}

static void series_undo(const struct series *series)
{
	for (unsigned int i = 0; i < series->writers; i++)
		series_undo_one(&series->writer[i]);
}

void series_free(struct series *series)
{
	if (series->starting)
		series_undo(series);
	series->starting = false;
	while (series->count)
		series_forget(series, series->count - 1);
	free(series->file);
	series->file = NULL;
}
