/* doubled.h - settings given twice in one group. */
#ifndef PLUG_CONFIG_TEXT_DOUBLED_H
#define PLUG_CONFIG_TEXT_DOUBLED_H

#include "config/report.h"
#include "config/text/scan.h"

/* Reports each setting of text that stands in its group a second time. */
void config_doubled_report(const struct config_text *text, struct config_report *report);

#endif
