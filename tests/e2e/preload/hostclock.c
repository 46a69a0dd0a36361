/* Answers adjtimex in the kernel's place: synchronised while the file named by
 * PLUG_TEST_SYNCHRONISED exists. For LD_PRELOAD. */
#include <stdlib.h>
#include <sys/timex.h>
#include <unistd.h>

int adjtimex(struct timex *timex)
{
	const char *file = getenv("PLUG_TEST_SYNCHRONISED");
	const int is_synchronised = file && access(file, F_OK) == 0;

	*timex = (struct timex) { .status = is_synchronised ? 0 : STA_UNSYNC,
		.maxerror = is_synchronised ? 5000 : 16000000 };
	return is_synchronised ? TIME_OK : TIME_ERROR;
}
