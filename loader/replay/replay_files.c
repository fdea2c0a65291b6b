// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares files, not names: a file has several, and descriptors have none. Only regular files lose
 * what they have by being written.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/look.h"
#include "replay/replay_files.h"

static bool replay_files_is_fd(int fd, const struct stat *file)
{
	struct stat st;

	return fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_dev == file->st_dev &&
	       st.st_ino == file->st_ino;
}

static bool replay_files_is_named(const char *path, const struct stat *file)
{
	struct stat st;

	return path && !stat(path, &st) && S_ISREG(st.st_mode) && st.st_dev == file->st_dev &&
	       st.st_ino == file->st_ino;
}

/* "FILE" or "FILE:PROGRAM" */
static bool replay_files_is_program(const char *name, const struct stat *file)
{
	const char *colon = name ? strrchr(name, ':') : NULL;
	char path[4096];

	if (!colon || (size_t)(colon - name) >= sizeof(path) || replay_files_is_named(name, file))
		return replay_files_is_named(name, file);
	memcpy(path, name, colon - name);
	path[colon - name] = '\0';
	return replay_files_is_named(path, file);
}

/* Does one of "NAME=FILE" name it? */
static bool replay_files_is_map(const struct replay_list *maps, const struct stat *file)
{
	for (unsigned int i = 0; i < maps->count; i++) {
		const char *equal = strchr(maps->value[i], '=');

		if (equal && replay_files_is_named(equal + 1, file))
			return true;
	}
	return false;
}

/* What the replay reads from @file, or NULL: it does not read it. */
static const char *replay_files_find_use(const struct replay_options *options, int input,
					 const struct stat *file)
{
	if (replay_files_is_fd(input, file))
		return "read";
	if (replay_files_is_program(options->replay.program, file) ||
	    replay_files_is_program(options->against, file))
		return "run";
	if (replay_files_is_named(options->expect, file))
		return "take the rules from";
	if (replay_files_is_named(options->filter_file, file))
		return "take the filter from";
	if (replay_files_is_named(options->replay.reasons, file))
		return "take the names of reasons from";
	return replay_files_is_map(&options->maps, file) ? "fill a map from" : NULL;
}

/* @file is to be written by the name @name. */
static bool replay_files_refuse(const char *name, const char *use, struct report *report)
{
	report_error(report, "'%s' is the file to %s; name another one", name, use);
	return false;
}

static bool replay_files_check_json(const struct replay_options *options, int input, int output,
				    struct report *report)
{
	const char *use;
	struct stat file;

	if (!options->json || !look_stat(options->json, &file) || !S_ISREG(file.st_mode))
		return true;
	use = replay_files_is_fd(output, &file) ? "write frames to" :
						  replay_files_find_use(options, input, &file);
	return use ? replay_files_refuse(options->json, use, report) : true;
}

/* Standard output takes the lines of TAP. */
static bool replay_files_check_tap(const struct replay_options *options, int output,
				   struct report *report)
{
	struct stat file;

	if (!options->tap || fstat(STDOUT_FILENO, &file) || !S_ISREG(file.st_mode))
		return true;
	if (replay_files_is_fd(output, &file))
		return replay_files_refuse(options->file, "write test results to", report);
	if (options->json && look_stat(options->json, &file) &&
	    replay_files_is_fd(STDOUT_FILENO, &file))
		return replay_files_refuse(options->json, "write test results to", report);
	return true;
}

bool replay_files_check(const struct replay_options *options, int input, int output,
			struct report *report)
{
	const char *use = NULL;
	struct stat file;

	if (output >= 0 && !fstat(output, &file) && S_ISREG(file.st_mode))
		use = replay_files_find_use(options, input, &file);
	if (use)
		return replay_files_refuse(options->file, use, report);
	return replay_files_check_json(options, input, output, report) &&
	       replay_files_check_tap(options, output, report);
}
