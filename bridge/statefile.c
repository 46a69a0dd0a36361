#include "bridge/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/log.h"
#include "bridge/mem.h"

enum { FOLDER_MODE = 0750, FILE_MODE = 0640 };

struct statefile {
	char *path;
	char *new_path;
	const struct statefile_events *events;
	void *arg;
	bool is_dirty;
	bool is_writing;
	bool is_closing;
	void *copy;  /* being written */
	int failure; /* errno of the last write, 0 for none */
	int told_failure;
	uint64_t delay_ms; /* of the last statefile_save */
	uv_timer_t delay;
	uv_work_t work;
};

/* Reads one line up to its end, of which it must have one; false at the end of the file. The rest
 * of a line that is too long belongs to it, and is never taken for a line. */
static bool read_line(FILE *in, char line[static STATEFILE_LINE_MAX_BYTES], bool *is_good)
{
	size_t size = 0;
	int byte = getc(in);

	*is_good = byte != EOF;
	if (!*is_good) {
		return false;
	}
	for (; byte != '\n' && byte != EOF; byte = getc(in)) {
		*is_good = *is_good && byte != '\0' && size < STATEFILE_LINE_MAX_BYTES - 1;
		if (*is_good) {
			line[size++] = (char)byte;
		}
	}
	line[size] = '\0';
	*is_good = *is_good && byte == '\n';
	return true;
}

/* False when the file was refused. */
static bool read_lines(struct statefile *file, FILE *in)
{
	char line[STATEFILE_LINE_MAX_BYTES] = "";
	size_t skipped = 0;
	bool is_good = false;

	for (size_t number = 0; read_line(in, line, &is_good); number++) {
		const enum statefile_verdict verdict =
			is_good ? file->events->take_line(file->arg, line, number)
				: STATEFILE_SKIPPED;

		if (verdict == STATEFILE_REFUSED) {
			return false;
		}
		skipped += verdict == STATEFILE_SKIPPED;
	}
	if (skipped > 0) {
		log_warn("%s: %zu damaged lines skipped", file->path, skipped);
	}
	return true;
}

/* 0, or what went wrong. */
static int write_copy(const struct statefile *file, FILE *out)
{
	int failure = 0;

	errno = 0;
	file->events->write(file->copy, out);
	if (fflush(out) != 0 || ferror(out) || fsync(fileno(out)) != 0) {
		failure = errno != 0 ? errno : EIO;
	}
	if (fclose(out) != 0 && failure == 0) {
		failure = errno;
	}
	return failure;
}

/* On a thread of libuv's pool, or on the loop at the very start and end. */
static void write_file(struct statefile *file)
{
	const int fd = open(file->new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;

	file->failure = out ? write_copy(file, out) : errno;
	if (!out && fd >= 0) {
		(void)close(fd);
	}
	if (file->failure == 0 && rename(file->new_path, file->path) != 0) {
		file->failure = errno;
	}
}

static void free_copy(struct statefile *file)
{
	free(file->copy);
	file->copy = NULL;
}

static void write_now(struct statefile *file)
{
	file->copy = file->events->copy(file->arg);
	write_file(file);
	free_copy(file);
}

static void tell_failure(struct statefile *file)
{
	if (file->failure != file->told_failure) {
		file->told_failure = file->failure;
		if (file->failure != 0) {
			log_warn("%s: cannot be written: %s", file->path, strerror(file->failure));
		}
	}
}

static void on_work(uv_work_t *work)
{
	write_file(work->data);
}

static void finish_close(struct statefile *file);

static void on_work_done(uv_work_t *work, int status)
{
	struct statefile *file = work->data;

	(void)status;
	free_copy(file);
	file->is_writing = false;
	tell_failure(file);
	if (file->is_closing) {
		file->is_dirty = file->is_dirty || file->failure != 0;
		finish_close(file);
	} else if (file->failure != 0) {
		/* Tried again with the next change or at the end, not in a loop. */
		file->is_dirty = true;
	} else {
		statefile_save(file, file->delay_ms);
	}
}

static void on_delay(uv_timer_t *timer)
{
	struct statefile *file = timer->data;

	if (file->is_writing || !file->is_dirty) {
		return;
	}
	file->is_dirty = false;
	file->is_writing = true;
	file->copy = file->events->copy(file->arg);
	(void)uv_queue_work(timer->loop, &file->work, on_work, on_work_done);
}

void statefile_change(struct statefile *file)
{
	file->is_dirty = true;
}

void statefile_save(struct statefile *file, uint64_t delay_ms)
{
	file->delay_ms = delay_ms;
	if (file->is_dirty && !file->is_closing && !uv_is_active((uv_handle_t *)&file->delay)) {
		uv_timer_start(&file->delay, on_delay, delay_ms, 0);
	}
}

static void free_file(struct statefile *file)
{
	free(file->path);
	free(file->new_path);
	free(file);
}

static void on_closed(uv_handle_t *handle)
{
	struct statefile *file = handle->data;
	const struct statefile_events *events = file->events;
	void *arg = file->arg;

	free_file(file);
	events->on_closed(arg);
}

static void finish_close(struct statefile *file)
{
	if (file->is_dirty) {
		write_now(file);
		tell_failure(file);
	}
	uv_close((uv_handle_t *)&file->delay, on_closed);
}

void statefile_close(struct statefile *file)
{
	file->is_closing = true;
	uv_timer_stop(&file->delay);
	if (!file->is_writing) {
		finish_close(file);
	}
}

/* Gives what is wrong, or NULL. */
static char *load(struct statefile *file)
{
	FILE *in = fopen(file->path, "re");
	bool is_ours = true;

	if (!in) {
		return errno == ENOENT
			       ? NULL
			       : mem_printf("%s cannot be read: %s", file->path, strerror(errno));
	}
	is_ours = read_lines(file, in);
	fclose(in);
	return is_ours ? NULL
		       : mem_printf("%s was written by a newer plugbridge: run that one, or move "
				    "the file away and begin without it",
				 file->path);
}

/* Makes the folder, reads and writes the file; gives what is wrong, or NULL. */
static char *try_file(struct statefile *file, const char *folder)
{
	char *problem = NULL;

	if (mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST) {
		return mem_printf(
			"bridge.state_dir \"%s\" cannot be made: %s: name a folder that this user "
			"may write",
			folder, strerror(errno));
	}
	problem = load(file);
	if (problem) {
		return problem;
	}
	write_now(file);
	if (file->failure != 0) {
		return mem_printf("bridge.state_dir \"%s\" cannot be written: %s: name a folder "
				  "that this user may write",
			folder, strerror(file->failure));
	}
	return NULL;
}

struct statefile *statefile_open(uv_loop_t *loop, const char *folder, const char *name,
	const struct statefile_events *events, void *arg, char **problem)
{
	struct statefile *file = mem_new(sizeof *file);

	file->path = mem_printf("%s/%s", folder, name);
	file->new_path = mem_printf("%s/%s.new", folder, name);
	file->events = events;
	file->arg = arg;
	*problem = try_file(file, folder);
	if (*problem) {
		free_file(file);
		return NULL;
	}
	uv_timer_init(loop, &file->delay);
	file->delay.data = file;
	file->work.data = file;
	return file;
}
