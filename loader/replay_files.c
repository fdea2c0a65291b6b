// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares files, not names: a file has several, and descriptors have none. Only regular files lose
 * what they have by being written.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "look.h"
#include "replay_files.h"

static bool is_fd(int fd, const struct stat *file)
{
	struct stat st;

	return fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_dev == file->st_dev &&
	       st.st_ino == file->st_ino;
}

static bool is_named(const char *path, const struct stat *file)
{
	struct stat st;

	return path && !stat(path, &st) && S_ISREG(st.st_mode) && st.st_dev == file->st_dev &&
	       st.st_ino == file->st_ino;
}

/* "FILE" or "FILE:PROGRAM" */
static bool is_program(const char *name, const struct stat *file)
{
	const char *colon = name ? strrchr(name, ':') : NULL;
	char path[4096];

	if (!colon || (size_t)(colon - name) >= sizeof(path) || is_named(name, file))
		return is_named(name, file);
	memcpy(path, name, colon - name);
	path[colon - name] = '\0';
	return is_named(path, file);
}

/* Does one of "NAME=FILE" name it? */
static bool is_map(const struct replay_list *maps, const struct stat *file)
{
	for (unsigned int i = 0; i < maps->count; i++) {
		const char *equal = strchr(maps->value[i], '=');

		if (equal && is_named(equal + 1, file))
			return true;
	}
	return false;
}

/* What the replay reads from @file, or NULL: it does not read it. */
static const char *find_use(const struct replay_options *options, int input,
			    const struct stat *file)
{
	if (is_fd(input, file))
		return "read";
	if (is_program(options->replay.program, file) || is_program(options->against, file))
		return "run";
	if (is_named(options->expect, file))
		return "take the rules from";
	if (is_named(options->filter_file, file))
		return "take the filter from";
	if (is_named(options->replay.reasons, file))
		return "take the names of reasons from";
	return is_map(&options->maps, file) ? "fill a map from" : NULL;
}

/* @file is to be written by the name @name. */
static bool refuse(const char *name, const char *use, struct report *report)
{
	report_error(report, "'%s' is the file to %s; name another one", name, use);
	return false;
}

static bool check_json(const struct replay_options *options, int input, int output,
		       struct report *report)
{
	const char *use;
	struct stat file;

	if (!options->json || !look_stat(options->json, &file) || !S_ISREG(file.st_mode))
		return true;
	use = is_fd(output, &file) ? "write frames to" : find_use(options, input, &file);
	return use ? refuse(options->json, use, report) : true;
}

/* Standard output takes the lines of TAP. */
static bool check_tap(const struct replay_options *options, int output, struct report *report)
{
	struct stat file;

	if (!options->tap || fstat(STDOUT_FILENO, &file) || !S_ISREG(file.st_mode))
		return true;
	if (is_fd(output, &file))
		return refuse(options->file, "write test results to", report);
	if (options->json && look_stat(options->json, &file) && is_fd(STDOUT_FILENO, &file))
		return refuse(options->json, "write test results to", report);
	return true;
}

bool replay_files_check(const struct replay_options *options, int input, int output,
			struct report *report)
{
	const char *use = NULL;
	struct stat file;

	if (output >= 0 && !fstat(output, &file) && S_ISREG(file.st_mode))
		use = find_use(options, input, &file);
	if (use)
		return refuse(options->file, use, report);
	return check_json(options, input, output, report) && check_tap(options, output, report);
}
