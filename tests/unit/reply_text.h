/* reply_text.h - a reply out of the text of a test; plug_reply_clear afterwards. */
#ifndef PLUG_UNIT_REPLY_TEXT_H
#define PLUG_UNIT_REPLY_TEXT_H

#include <string.h>

#include "protocol/reply.h"

static inline struct plug_reply reply_of(const char *text)
{
	struct plug_reply reply;

	assert_int_equal(plug_reply_parse(&reply, text, strlen(text)), PLUG_OK);
	return reply;
}

#endif
