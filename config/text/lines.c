#include <stdlib.h>

#include "config/text/scan.h"

struct config_line config_text_locate(const struct config_text *text, int flat_line)
{
	size_t low = 0;
	size_t high = text->segment_count;

	if (flat_line <= 0 || high == 0) {
		return (struct config_line) { .file = text->files[0] };
	}
	/* The last segment that starts at or before the line; of several, the last. */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (text->segments[middle].flat_line <= flat_line) {
			low = middle;
		} else {
			high = middle;
		}
	}
	const struct config_segment *segment = &text->segments[low];
	return (struct config_line) {
		.file = text->files[segment->file],
		.line = segment->line + (flat_line - segment->flat_line),
	};
}

void config_text_clear(struct config_text *text)
{
	for (size_t i = 0; i < text->file_count; i++) {
		free(text->files[i]);
	}
	free(text->files);
	free(text->segments);
	free(text->text);
	free(text->stop);
	config_outline_clear(&text->outline);
	*text = (struct config_text) { 0 };
}
