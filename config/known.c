#include "config/known.h"

#include "config/text/memory.h"

char *config_known_folder(const char *state_dir)
{
	return config_format("%s/known", state_dir);
}

char *config_known_file(const char *state_dir, const char *device)
{
	return config_format("%s/known/%s.json", state_dir, device);
}
