#include "bridge/known.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/log.h"
#include "bridge/mem.h"
#include "config/known.h"

enum { FOLDER_MODE = 0700, FILE_MODE = 0600 };

struct known {
	uv_loop_t *loop;
	char *state_dir;
	int told_failure; /* errno that was told last, 0 for none */
};

/* One file to be written. */
struct job {
	struct known *known;
	char *folder, *path, *new_path;
	char *text;
	int failure; /* errno, 0 for none */
	uv_work_t work;
};

static bool write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		const ssize_t written = write(fd, text, left);

		if (written < 0 && errno != EINTR) {
			return false;
		}
		text += written > 0 ? written : 0;
		left -= written > 0 ? (size_t)written : 0;
	}
	return fsync(fd) == 0;
}

/* On a thread of libuv's pool. */
static void on_work(uv_work_t *work)
{
	struct job *job = work->data;
	int fd = -1;
	bool is_written = false;

	(void)mkdir(job->folder, FOLDER_MODE); /* where it cannot be made, the file cannot either */
	fd = open(job->new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	is_written = fd >= 0 && write_all(fd, job->text);
	job->failure = is_written ? 0 : errno;
	if (fd >= 0 && close(fd) != 0 && is_written) {
		is_written = false;
		job->failure = errno;
	}
	if (is_written && rename(job->new_path, job->path) != 0) {
		job->failure = errno;
	}
}

static void on_done(uv_work_t *work, int status)
{
	struct job *job = work->data;

	(void)status;
	if (job->failure != 0 && job->failure != job->known->told_failure) {
		log_warn("%s: cannot be written: %s", job->path, strerror(job->failure));
	}
	job->known->told_failure = job->failure;
	free(job->folder);
	free(job->path);
	free(job->new_path);
	free(job->text);
	free(job);
}

struct known *known_new(uv_loop_t *loop, const char *state_dir)
{
	struct known *known = mem_new(sizeof *known);

	known->loop = loop;
	known->state_dir = mem_copy(state_dir);
	return known;
}

void known_free(struct known *known)
{
	if (known) {
		free(known->state_dir);
		free(known);
	}
}

void known_keep(struct known *known, const char *device, const struct plug_snapshot *snapshot)
{
	struct job *job = NULL;
	char *text = NULL;
	const enum plug_error error = plug_snapshot_format(snapshot, &text);

	if (error == PLUG_ENOMEM) {
		log_fatal("out of memory");
	}
	if (error != PLUG_OK) {
		log_warn("%s: it has more rules than can be kept for a device that replaces it",
			device);
		return;
	}
	job = mem_new(sizeof *job);
	job->known = known;
	job->folder = config_known_folder(known->state_dir);
	job->path = config_known_file(known->state_dir, device);
	job->new_path = mem_printf("%s.new", job->path);
	job->text = text;
	job->work.data = job;
	(void)uv_queue_work(known->loop, &job->work, on_work, on_done);
}
