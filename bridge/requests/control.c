/* reload, restart, log_level: what the bridge itself is told to do. */
#include <stdlib.h>
#include <string.h>

#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/requests/request.h"
#include "protocol/json.h"

void request_reload(struct request *request)
{
	char *problem = bridge_reload(request->bridge);

	if (problem) {
		request_fail(request, "the configuration before it stays in use: %s", problem);
	} else {
		request_answer(request, NULL);
	}
	free(problem);
}

/* What would not start again is not stopped. The answer waits in the publisher, which a stop lets
 * finish first. */
void request_restart(struct request *request)
{
	struct bridge *bridge = request->bridge;
	char *problem = bridge_check(bridge);

	if (problem) {
		request_fail(request, "it would not start again: %s", problem);
		free(problem);
		return;
	}
	request_answer(request, NULL);
	bridge_restart(bridge);
}

static const char *const levels[] = {
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

static bool find_level(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (strcmp(levels[i], name) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/* Without a level it tells the present one. Until the next start of the program. */
void request_log_level(struct request *request)
{
	enum log_level level = log_level();
	const char *name = NULL;
	char *data = NULL;

	if (json_object_object_get_ex(request->arguments, "level", NULL) &&
		(!plug_json_string(request->arguments, "level", &name) ||
			!find_level(name, &level))) {
		request_fail(request, "\"level\" must be \"warn\", \"info\" or \"debug\"");
		return;
	}
	log_set_level(level);
	data = mem_printf("{\"level\":\"%s\"}", levels[level]);
	request_answer(request, data);
	free(data);
}
