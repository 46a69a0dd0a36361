/* where.h - where and how long the user wants devices to be searched for.
 *
 * --broadcast and --interface; else discovery.broadcast of the configuration; else the broadcast
 * address of every interface and 255.255.255.255. */
#ifndef PLUG_PLUGCTL_WHERE_H
#define PLUG_PLUGCTL_WHERE_H

#include "config/config.h"
#include "protocol/plugctl/command.h"
#include "protocol/plugctl/find/search.h"

enum { WHERE_PORT = 9999, WHERE_WAIT_S = 5, WHERE_WAIT_MAX_S = 600 };

/* The port of devices for which nothing else is said. False after a complaint. */
bool where_port(const struct command *command, uint16_t *port);

/* Fills plan (where_clear). The words of the verb discover are addresses. config may be NULL. With
 * --timeout a search takes at most half of it, so that as much is left for the devices. False
 * after a complaint. */
bool where_read(
	const struct command *command, const struct config *config, struct search_plan *plan);
void where_clear(struct search_plan *plan);

/* What a search that found nothing may have missed; printed to standard error. */
void where_advise(const struct search_plan *plan);

#endif
