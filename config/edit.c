#include "config/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/text/file.h"
#include "config/text/memory.h"
#include "config/text/scan.h"

enum { FILE_MODE_BITS = 07777 };

/* What is to be done, and what there is to clear up. */
struct edit {
	const char *device;
	const struct config_change *changes;
	size_t count;
	char *path; /* of the file itself, behind symbolic links */
	struct stat before;
	struct config_file old;
	char *text;	/* the new one */
	char *new_path; /* where it is checked; NULL while there is none */
	char *problem;
};

static void fail_errno(struct edit *edit, const char *path, const char *what)
{
	free(edit->problem);
	edit->problem = config_format("%s cannot be %s: %s", path, what, strerror(errno));
}

static bool write_all(int descriptor, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(descriptor, bytes, size);
		if (written < 0 && errno != EINTR) {
			return false;
		}
		bytes += written > 0 ? written : 0;
		size -= written > 0 ? (size_t)written : 0;
	}
	return fsync(descriptor) == 0;
}

/* The new file must be readable by those who could read the old one, and by nobody else. */
static bool copy_owner(int descriptor, const struct stat *before)
{
	struct stat status;

	if (fstat(descriptor, &status) != 0) {
		return false;
	}
	if ((status.st_uid != before->st_uid || status.st_gid != before->st_gid) &&
		fchown(descriptor, before->st_uid, before->st_gid) != 0) {
		return false;
	}
	return fchmod(descriptor, before->st_mode & FILE_MODE_BITS) == 0;
}

/* Gives the path of a new file beside the edited one that holds bytes; NULL with the problem set.
 */
static char *write_beside(struct edit *edit, const char *bytes, size_t size)
{
	char *path = config_format("%s.XXXXXX", edit->path);
	int descriptor = mkstemp(path);

	if (descriptor < 0) {
		fail_errno(edit, edit->path, "changed: a new file beside it cannot be made");
		free(path);
		return NULL;
	}
	bool is_written = copy_owner(descriptor, &edit->before);
	if (!is_written) {
		fail_errno(edit, path, "given to the owner of the file");
	} else if (!write_all(descriptor, bytes, size)) {
		is_written = false;
		fail_errno(edit, path, "written");
	}
	if (close(descriptor) != 0 && is_written) {
		is_written = false;
		fail_errno(edit, path, "written");
	}
	if (!is_written) {
		unlink(path);
		free(path);
		return NULL;
	}
	return path;
}

static bool is_same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool is_same_device(const struct config_device *a, const struct config_device *b)
{
	return is_same_text(a->name, b->name) && is_same_text(a->host, b->host) &&
	       is_same_text(a->label, b->label) && is_same_text(a->room, b->room) &&
	       is_same_text(a->alias, b->alias) && is_same_text(a->ha_id, b->ha_id) &&
	       a->port == b->port && a->has_mac == b->has_mac &&
	       memcmp(a->mac, b->mac, sizeof(a->mac)) == 0 && a->poll_ms == b->poll_ms &&
	       a->outlet_count == b->outlet_count;
}

/* Nothing else may have moved: this catches a text that the patch took for something it is not. */
static bool is_same_but_for(const struct edit *edit, const struct config *a, const struct config *b)
{
	bool is_same = a->device_count == b->device_count;
	size_t changed = 0;

	for (size_t i = 0; is_same && i < a->device_count; i++) {
		const bool is_it = strcmp(a->devices[i].name, edit->device) == 0;
		changed += is_it;
		is_same = is_it ? is_same_text(b->devices[i].name, edit->device)
				: is_same_device(&a->devices[i], &b->devices[i]);
	}
	return is_same && changed == 1;
}

/* Takes the first error out of problems. */
static void fail_problems(struct edit *edit, const struct config_problems *problems)
{
	for (size_t i = 0; i < problems->count && !edit->problem; i++) {
		if (problems->items[i].is_error) {
			edit->problem = config_format("with the change line %d would be wrong: %s",
				problems->items[i].line, problems->items[i].text);
		}
	}
}

static bool check(struct edit *edit)
{
	struct config_problems now = { 0 };
	struct config_problems then = { 0 };
	struct config *before = NULL;
	struct config *after = NULL;
	bool is_good = config_load_without_secrets(edit->path, &before, &now);

	if (!is_good) {
		edit->problem = config_copy("the file has errors: plugbridge --check shows them");
	} else if (!config_load_without_secrets(edit->new_path, &after, &then)) {
		is_good = false;
		fail_problems(edit, &then);
	} else if (!is_same_but_for(edit, before, after)) {
		is_good = false;
		edit->problem = config_copy("the file is written in a way that cannot be edited");
	}
	config_problems_clear(&now);
	config_problems_clear(&then);
	config_free(before);
	config_free(after);
	return is_good;
}

/* Somebody may have saved it in an editor meanwhile. */
static bool is_unchanged(struct edit *edit)
{
	struct stat now;
	const struct stat *before = &edit->before;

	if (stat(edit->path, &now) == 0 && now.st_ino == before->st_ino &&
		now.st_size == before->st_size && now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
		now.st_mtim.tv_nsec == before->st_mtim.tv_nsec) {
		return true;
	}
	edit->problem = config_copy("the file was changed by somebody else at the same time");
	return false;
}

static bool begin(struct edit *edit, const char *file)
{
	edit->path = realpath(file, NULL);
	if (!edit->path || stat(edit->path, &edit->before) != 0) {
		fail_errno(edit, file, "found");
		return false;
	}
	if (!config_file_read(edit->path, CONFIG_FILE_MAX_BYTES, &edit->old)) {
		edit->problem = config_format("%s %s", file, edit->old.error);
		return false;
	}
	edit->text = config_patch_device(
		edit->old.bytes, edit->device, edit->changes, edit->count, &edit->problem);
	if (edit->text) {
		edit->new_path = write_beside(edit, edit->text, strlen(edit->text));
	}
	return edit->new_path && check(edit) && is_unchanged(edit);
}

/* The directory is told to keep the new name; where it cannot be, the file is there all the same.
 */
static void keep_folder(const char *path)
{
	char *folder = config_copy(path);
	char *slash = strrchr(folder, '/');
	int descriptor = -1;

	slash[slash == folder] = '\0';
	descriptor = open(folder, O_RDONLY | O_CLOEXEC);
	if (descriptor >= 0) {
		(void)fsync(descriptor);
		close(descriptor);
	}
	free(folder);
}

/* Moves the new text over the file, and what was there before beside it. */
static bool finish(struct edit *edit, const char *backup)
{
	char *old_path = write_beside(edit, edit->old.bytes, edit->old.size);

	if (!old_path) {
		return false;
	}
	if (rename(old_path, backup) != 0) {
		fail_errno(edit, backup, "written");
		unlink(old_path);
	} else if (rename(edit->new_path, edit->path) != 0) {
		fail_errno(edit, edit->path, "replaced");
	} else {
		free(edit->new_path);
		edit->new_path = NULL;
		keep_folder(edit->path);
	}
	free(old_path);
	return edit->new_path == NULL;
}

static void clear(struct edit *edit)
{
	if (edit->new_path) {
		unlink(edit->new_path);
	}
	free(edit->new_path);
	free(edit->text);
	free(edit->path);
	config_file_clear(&edit->old);
}

bool config_edit_device(const char *file, const char *device, const struct config_change *changes,
	size_t count, char **backup, char **problem)
{
	struct edit edit = { .device = device, .changes = changes, .count = count };
	bool is_done = begin(&edit, file);

	*backup = is_done ? config_format("%s.bak", edit.path) : NULL;
	is_done = is_done && finish(&edit, *backup);
	if (!is_done) {
		free(*backup);
		*backup = NULL;
	}
	*problem = edit.problem;
	clear(&edit);
	return is_done;
}

bool config_edit_try(const char *file, const char *device, const struct config_change *changes,
	size_t count, char **problem)
{
	struct edit edit = { .device = device, .changes = changes, .count = count };
	bool is_possible = begin(&edit, file);

	*problem = edit.problem;
	clear(&edit);
	return is_possible;
}
