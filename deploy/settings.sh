# shellcheck shell=bash
# settings.sh - reads and edits a user's plugbridge.cfg for deploy/quickstart, which sources it and
# sets config and folder.
# What is read from the user's file, as "setting value" lines: lists have an empty name in between,
# as in "devices..name", and "plug" is the first name that appears in topics. With EDIT=1: the same
# file as one text, its broker group left out when DROP_BROKER is set, and STATE_DIR put in. The
# file has been checked before, so whatever stands here is well-formed.
read_config() {
	local new=
	[ -n "$(setting bridge.state_dir)" ] || new=${3:-}
	EDIT=${1:-} DROP_BROKER=${2:-} STATE_DIR=${3:-} NEW_STATE_DIR=$new FILE=$config awk '
	function emit(text) {
		if (editing && !dropping)
			printf "%s", text
	}
	function path(  text, i) {
		text = key[0]
		for (i = 1; i <= depth; i++)
			text = text "." key[i]
		return text
	}
	function value(text,  where, plain) {
		where = path()
		plain = text
		if (plain ~ /^"/)
			plain = substr(plain, 2, length(plain) - 2)
		if (where == "devices..name")
			device = plain
		if ((where == "devices..outlets." || where == "devices..outlets..name") && outlet == "")
			outlet = plain
		if (!editing && depth > 0)
			print where, plain
		if (where == "bridge.state_dir" && ENVIRON["STATE_DIR"] != "")
			text = "\"" ENVIRON["STATE_DIR"] "\""
		emit(text)
	}
	function opened(text) {
		if (!editing && depth == 0)
			print key[0], "is given"
		key[++depth] = ""
		emit(text)
		if (depth == 1 && key[0] == "bridge" && ENVIRON["NEW_STATE_DIR"] != "")
			emit(" state_dir = \"" ENVIRON["NEW_STATE_DIR"] "\";")
	}
	function closed(text) {
		if (depth == 2 && key[0] == "devices") {
			if (!editing)
				print "plug", (outlet != "" ? outlet : device)
			device = outlet = ""
		}
		depth--
		emit(text)
		if (dropping && depth == 0)
			dropping = 2
	}
	function token(text) {
		if (dropping == 2 && text !~ /^[ \t\r\n\f]/) {
			dropping = 0
			if (text ~ /^[;,]$/)
				return
		}
		if (text ~ /^[A-Za-z*]/ && tolower(text) !~ /^(true|false)$/) {
			key[depth] = text
			if (depth == 0 && text == "broker" && ENVIRON["DROP_BROKER"] != "")
				dropping = 1
			emit(text)
		} else if (text ~ /^["0-9A-Za-z.+-]/)
			value(text)
		else if (text ~ /^[{([]$/)
			opened(text)
		else if (text == "}" || text == ")" || text == "]")
			closed(text)
		else
			emit(text)
	}
	function line_read(line) {
		while (line != "") {
			if (in_comment) {
				if (!index(line, "*/"))
					return
				line = substr(line, index(line, "*/") + 2)
				in_comment = 0
			} else if (line ~ /^\/\*/) {
				in_comment = 1
				line = substr(line, 3)
			} else if (line ~ /^(#|\/\/)/) {
				token("\n")
				return
			} else {
				if (!match(line, /^"([^"\\]|\\.)*"/) && !match(line, /^[ \t\r\n\f]+/) &&
				    !match(line, /^[A-Za-z*][A-Za-z0-9_*-]*/) && !match(line, /^[0-9A-Za-z.+-]+/))
					RLENGTH = 1
				length_read = RLENGTH
				token(substr(line, 1, length_read))
				line = substr(line, length_read + 1)
			}
		}
	}
	function file_read(file,  line, name) {
		while ((getline line <file) > 0) {
			if (!in_comment && line ~ /^[ \t]*@include[ \t]+"/) {
				name = line
				sub(/^[^"]*"/, "", name)
				sub(/".*/, "", name)
				file_read(name ~ /^\// ? name : beside name)
			} else
				line_read(line "\n")
		}
		close(file)
	}
	BEGIN {
		depth = 0
		editing = ENVIRON["EDIT"] != ""
		beside = ENVIRON["FILE"]
		sub(/[^\/]*$/, "", beside)
		file_read(ENVIRON["FILE"])
	}'
}

# The first value of a setting in the user's file, or nothing.
setting() {
	sed -n "s/^$1 //p" "$folder/settings" | head -n 1
}
