/* known.h - where the bridge keeps what it has read of a device that could be replaced one day:
 * <state_dir>/known/<device>.json. */
#ifndef PLUG_CONFIG_KNOWN_H
#define PLUG_CONFIG_KNOWN_H

/* Each gives a path (free with free). device is a name that config_name_is_valid. */
char *config_known_folder(const char *state_dir);
char *config_known_file(const char *state_dir, const char *device);

#endif
