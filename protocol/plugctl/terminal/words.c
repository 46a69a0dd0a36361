#include "protocol/plugctl/terminal/words.h"

#include <string.h>

enum { LETTERS_MAX = 32 };

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t length_of(const char *word)
{
	return smaller(strlen(word), LETTERS_MAX);
}

size_t words_distance(const char *a, const char *b)
{
	const size_t a_size = length_of(a);
	const size_t b_size = length_of(b);
	size_t rows[LETTERS_MAX + 1][LETTERS_MAX + 1];

	for (size_t i = 0; i <= a_size; i++) {
		rows[i][0] = i;
	}
	for (size_t j = 0; j <= b_size; j++) {
		rows[0][j] = j;
	}
	for (size_t i = 1; i <= a_size; i++) {
		for (size_t j = 1; j <= b_size; j++) {
			const size_t change = a[i - 1] == b[j - 1] ? 0 : 1;

			rows[i][j] = smaller(smaller(rows[i - 1][j], rows[i][j - 1]) + 1,
				rows[i - 1][j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
				rows[i][j] = smaller(rows[i][j], rows[i - 2][j - 2] + 1);
			}
		}
	}
	return rows[a_size][b_size];
}

static size_t common_letters(const char *a, const char *b)
{
	size_t count = 0;

	while (a[count] != '\0' && a[count] == b[count]) {
		count++;
	}
	return count;
}

const char *words_nearest(const char *wrong, const char *const *words, size_t count)
{
	const char *nearest = NULL;
	size_t nearest_distance = 0;

	for (size_t i = 0; i < count; i++) {
		const size_t distance = words_distance(wrong, words[i]);
		const size_t limit = (length_of(words[i]) + 2) / 3;

		if (distance <= limit && (!nearest || distance < nearest_distance ||
						 (distance == nearest_distance &&
							 common_letters(wrong, words[i]) >
								 common_letters(wrong, nearest)))) {
			nearest = words[i];
			nearest_distance = distance;
		}
	}
	return nearest;
}
