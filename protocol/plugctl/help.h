/* help.h - what --help prints, made from the tables of verbs and options. */
#ifndef PLUG_PLUGCTL_HELP_H
#define PLUG_PLUGCTL_HELP_H

struct verb;

/* Help of one verb, or of all when verb is NULL; to standard output. */
void help_print(const struct verb *verb);

#endif
