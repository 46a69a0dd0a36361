/* softscheck.h - the command line of softScheck's well-known script, for those who have it in their
 * fingers or scripts: plugctl -t HOST -c NAME, plugctl -t HOST -j JSON. */
#ifndef PLUG_PLUGCTL_SOFTSCHECK_H
#define PLUG_PLUGCTL_SOFTSCHECK_H

#include <stdbool.h>

/* True when a target is given as that script wants it. */
bool softscheck_is_meant(int argc, char **argv);

/* Reads the command line, does it, and returns the exit status. */
int softscheck_run(int argc, char **argv);

#endif
