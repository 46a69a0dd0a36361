/* model.h - the kinds of devices there are, as data.
 *
 * A row says what get_sysinfo carries, which modules answer and in which dialect. Fields and sizes
 * are those of recordings of such devices; versions, ids and values are made up.
 * Adding a model of a known kind is one row in model.c. */
#ifndef SIM_DEVICE_MODEL_H
#define SIM_DEVICE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_OUTLETS_MAX = 6 };

/* What a model can do; methods say what they need. */
enum sim_ability {
	SIM_CAN_SWITCH = 1 << 0,  /* a relay */
	SIM_CAN_METER = 1 << 1,	  /* emeter, or the bulbs' own energy module */
	SIM_CAN_DIM = 1 << 2,	  /* smartlife.iot.dimmer */
	SIM_HAS_OUTLETS = 1 << 3, /* children */
	SIM_IS_BULB = 1 << 4,	  /* the bulbs' names for the modules */
	SIM_IS_PLUG = 1 << 5,	  /* everybody else's */
	SIM_IS_LAMP = 1 << 6,	  /* a bulb with the light module of bulbs */
	SIM_IS_LIGHT_STRIP = 1 << 7,
	SIM_HAS_COLOUR = 1 << 8,
	SIM_SPEAKS_TDP = 1 << 9, /* newer firmware: found on other ports, mute on the old one */
	SIM_IS_SMART = 1 << 10,	 /* another protocol altogether */
};

enum sim_dialect {
	SIM_METER_NONE,
	SIM_METER_FLOAT,   /* V, A, W, kWh with six decimals: HS110 hardware 1 */
	SIM_METER_INTEGER, /* mV, mA, mW, Wh */
	SIM_METER_SLOT,	   /* the same and slot_id: HS300 hardware 2 */
	SIM_METER_POWER,   /* mW alone: bulbs with firmware 1.8 */
	SIM_METER_TOTAL,   /* mW and Wh: later bulbs and light strips */
};

/* Where "not supported" stands and what it is called. */
enum sim_refusal {
	SIM_REFUSES_MODULE, /* -1 in place of the module's answers */
	SIM_REFUSES_METHOD, /* -1 in place of each method's answer: firmware 1.5 */
	SIM_REFUSES_BULB,   /* -2001 for the module, -2000 for the method */
};

enum sim_location { SIM_LOCATION_NONE, SIM_LOCATION_FLOAT, SIM_LOCATION_INTEGER };

struct sim_model {
	const char *name;  /* on the command line */
	const char *title; /* in words */
	unsigned abilities;
	enum sim_dialect dialect;
	enum sim_refusal refusal;
	enum sim_location location;
	const char *model;
	const char *hardware;
	const char *firmware;
	const char *dev_name; /* "description" on bulbs */
	const char *feature;
	const char *type_key;		 /* "type" or "mic_type" */
	const char *alias_stem;		 /* factory alias, before the end of the MAC */
	uint16_t kelvin_min, kelvin_max; /* 0: white is white */
	uint8_t outlet_count;
	bool has_firmware_id;
	bool has_next_action;
	bool has_status;
	bool has_zone_text; /* get_timezone says more than the index */
	bool wants_key;	    /* leaves a search without a key unanswered */
	int32_t voltage_mv;
	int32_t power_min_mw; /* what hangs on a new device draws this much ... */
	int32_t power_max_mw; /* ... to this */
};

extern const struct sim_model sim_models[];
extern const size_t sim_model_count;

/* In any case of letters; NULL when there is none of that name. */
const struct sim_model *sim_model_find(const char *name);

#endif
