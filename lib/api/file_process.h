/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The process that names, creates and deletes the files of a session.
 */
#ifndef XDPDROP_API_FILE_PROCESS_H
#define XDPDROP_API_FILE_PROCESS_H

/* A child_fn; @data is the session. Serves requests until the socket is closed. */
void file_process_run(void *data, int socket);

#endif
