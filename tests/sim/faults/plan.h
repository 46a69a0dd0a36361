/* plan.h - what is to go wrong with one request. A zeroed plan is a healthy device.
 *
 * Faults (fault.h) write it before the request is carried out; methods follow the parts that
 * concern content, the sockets those that concern bytes. */
#ifndef SIM_FAULTS_PLAN_H
#define SIM_FAULTS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_act { SIM_ACT_ANSWER, SIM_ACT_DROP, SIM_ACT_RESET };

enum sim_level { SIM_LEVEL_METHOD, SIM_LEVEL_MODULE, SIM_LEVEL_TOP };

enum sim_lie {
	SIM_LIE_NEGATIVE,
	SIM_LIE_HUGE,
	SIM_LIE_NAN,	  /* not JSON, and a parser may take it all the same */
	SIM_LIE_INFINITE, /* 1e999 */
	SIM_LIE_TEXT,	  /* the number as a string of words */
};

enum sim_body { SIM_BODY_ANSWER, SIM_BODY_BAD_JSON, SIM_BODY_GARBAGE };

enum sim_length { SIM_LENGTH_TRUE, SIM_LENGTH_OFF, SIM_LENGTH_ZERO, SIM_LENGTH_HUGE };

/* An error in place of the answer to one method, one module, or the whole request. */
struct sim_error_plan {
	uint32_t fault; /* its bit in struck; 0: no error */
	int err_code;
	enum sim_level level;
	const char *module; /* NULL: any */
	const char *method;
};

struct sim_plan {
	uint32_t struck; /* bit by kind of fault: which of them made a difference */

	/* content */
	enum sim_act act;
	bool is_carried_out; /* although act is not to answer */
	struct sim_error_plan error;
	uint32_t relay_fault;	/* bit of the fault that keeps relays where they are, or 0 */
	uint32_t reading_fault; /* bit of the fault that makes readings lie, or 0 */
	enum sim_lie lie;

	/* bytes */
	enum sim_body body;
	enum sim_length length;
	int32_t length_error; /* SIM_LENGTH_OFF: added to the true length */
	uint32_t garbage_bytes;
	bool is_cut;
	uint32_t cut_bytes;   /* 0: half of it */
	uint32_t delay_ms;    /* before the first byte */
	uint32_t first_bytes; /* alone, then the rest after gap_ms; 0: no */
	uint32_t piece_bytes; /* all in such pieces, gap_ms between them; 0: no */
	uint32_t gap_ms;
	bool is_closing; /* after the last byte */
};

#endif
