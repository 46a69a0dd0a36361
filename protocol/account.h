/* account.h - a device and the vendor's cloud: bound to an account, or not.
 *
 *     get_info            {"username","server","binded","cld_connection", ...}
 *     bind                {"username","password"}; slow, -32 while it runs
 *     unbind              {}; -4002 when it is not bound
 *     set_server_url      {"server":"devs.tplinkcloud.com"}
 *     get_intl_fw_list    {"fw_list":[{"fwVer","fwTitle","fwType","fwReleaseDate","fwUrl",
 *                          "fwReleaseLog"}, ...]}; -7 while the cloud cannot be reached
 *
 * Shapes: recording of KP105, and softScheck's list of commands. bind, unbind and set_server_url
 * must not be sent twice. The username is an e-mail address: not for logs. Each builder returns
 * PLUG_OK, PLUG_ETOOBIG or PLUG_EINVAL. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_ACCOUNT_H
#define PLUG_PROTOCOL_ACCOUNT_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdbool.h>
#include <stddef.h>

enum { PLUG_OFFERS_MAX = 16 };

enum plug_account_call {
	PLUG_ACCOUNT_INFO,
	PLUG_ACCOUNT_BIND,
	PLUG_ACCOUNT_UNBIND,
	PLUG_ACCOUNT_SERVER,
	PLUG_ACCOUNT_FIRMWARE,
};
struct plug_method plug_account_method(enum plug_account_call call, enum plug_family family);

enum plug_error plug_request_account(struct plug_request *request, enum plug_family family);

/* Neither may be empty. The password is in the request as it is: wipe that after use, and never
 * show it. */
struct plug_credentials {
	const char *username, *password;
};
enum plug_error plug_request_bind(struct plug_request *request, enum plug_family family,
	const struct plug_credentials *credentials);

enum plug_error plug_request_unbind(struct plug_request *request, enum plug_family family);

/* server is a host name, neither empty nor with a space in it. */
enum plug_error plug_request_set_server(
	struct plug_request *request, enum plug_family family, const char *server);

enum plug_error plug_request_firmware_list(struct plug_request *request, enum plug_family family);

/* Texts are borrowed until the reply is cleared, NULL when they are missing. */
struct plug_account {
	bool has_bound, is_bound;
	bool has_connected, is_connected;
	const char *server, *username;
};

/* The answer to plug_request_account. As plug_reply_method; *account is zeroed on failure. */
enum plug_error plug_reply_account(
	const struct plug_reply *reply, enum plug_family family, struct plug_account *account);

/* A firmware that the vendor offers for the device. */
struct plug_offer {
	const char *version, *title, *date, *url, *notes;
	struct plug_figure type;
};
struct plug_offers {
	size_t count;
	struct plug_offer offers[PLUG_OFFERS_MAX];
};

/* The answer to plug_request_firmware_list; what is beyond PLUG_OFFERS_MAX is left out. PLUG_EPROTO
 * when there is no list; otherwise as plug_reply_method. *offers is empty on failure. */
enum plug_error plug_reply_firmware_list(
	const struct plug_reply *reply, enum plug_family family, struct plug_offers *offers);

#endif
