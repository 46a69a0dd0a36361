/* words.h - the nearest right word for a wrong one. Pure. */
#ifndef PLUG_PLUGCTL_WORDS_H
#define PLUG_PLUGCTL_WORDS_H

#include <stddef.h>

/* How many letters must be put in, left out, changed or swapped with their neighbour to make one
 * word of the other. Words are compared up to 32 letters. */
size_t words_distance(const char *a, const char *b);

/* The word of count that is nearest to wrong, of equals the one that begins like it; NULL when none
 * is near enough to be meant (more than a third of its letters differ). */
const char *words_nearest(const char *wrong, const char *const *words, size_t count);

#endif
