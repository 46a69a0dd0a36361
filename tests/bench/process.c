#include "tests/bench/process.h"

#include <dirent.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = 512, LINE_BYTES = 256, BYTES_PER_KIB = 1024 };

pid_t process_start(char **argv)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0) {
		err(1, "fork");
	}
	if (pid > 0) {
		return pid;
	}
	/* Output is for figures only. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) {
		_exit(1);
	}
	execv(argv[0], argv);
	err(1, "%s", argv[0]);
}

bool process_is_gone(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) != 0;
}

void process_terminate(pid_t pid)
{
	kill(pid, SIGTERM);
}

void process_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

double process_cpu_us(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0) {
		errx(1, "the bridge under test has ended");
	}
	return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

/* The number in the line that starts with key. */
static uint64_t read_field(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	char line[LINE_BYTES];
	uint64_t value = 0;

	if (!file) {
		err(1, "%s", path);
	}
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, strlen(key)) == 0) {
			value = strtoull(line + strlen(key), NULL, 10);
		}
	}
	fclose(file);
	return value;
}

struct process_memory process_memory(pid_t pid)
{
	struct process_memory memory;
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	memory.resident_bytes = read_field(path, "VmRSS:") * BYTES_PER_KIB;
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	memory.proportional_bytes = read_field(path, "Pss:") * BYTES_PER_KIB;
	return memory;
}

uint64_t process_sleeps(pid_t pid)
{
	char path[PATH_BYTES];
	struct dirent *task;
	uint64_t sleeps = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks) {
		err(1, "%s", path);
	}
	while ((task = readdir(tasks))) {
		if (task->d_name[0] == '.') {
			continue;
		}
		snprintf(path, sizeof(path), "/proc/%d/task/%s/status", (int)pid, task->d_name);
		sleeps += read_field(path, "voluntary_ctxt_switches:");
	}
	closedir(tasks);
	return sleeps;
}
