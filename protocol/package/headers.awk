# What is made of the headers of this library for programs outside of the tree:
#
#     awk -v to=build/include/plug -v map=build/libplug.map -f headers.awk frame.h io/exchange.h
#
#   to/frame.h, to/io/exchange.h   the same headers, asked for as <plug/frame.h>, for C++ too; the
#                                  folders are there already
#   map                            a linker's version script: exported is what they declare, and
#                                  nothing else
#
# "protocol/" would be a bad name to ask for in somebody else's program, where it can mean his own.

FNR == 1 {
	finish()
	name = FILENAME
}

{
	sub(/^#include "protocol\//, "#include <plug/")
	if (/^#include <plug\//)
		sub(/"$/, ">")
	gsub(/\[static /, "[") # C++ does not know it
	lines[++count] = $0
	if (/^#include/ || (last == 0 && /^#define PLUG_/))
		last = count
}

END {
	finish()
	write_map()
}

# Declarations of C stand behind the last include, up to the end of the guard.
function finish(    i, file, code) {
	if (count == 0)
		return
	file = to "/" name
	printf "" > file
	for (i = 1; i <= count; i++) {
		if (i == count)
			print "#ifdef __cplusplus\n}\n#endif\n" > file
		print lines[i] > file
		if (i == last)
			print "\n#ifdef __cplusplus\nextern \"C\" {\n#endif" > file
		if (lines[i] !~ /^#/)
			code = code lines[i] "\n"
	}
	close(file)
	declare(code)
	count = last = 0
}

# One declaration ends at a semicolon; what stands in braces declares no function.
function declare(code,    at, parts, i, total) {
	while ((at = index(code, "/*")) > 0)
		code = substr(code, 1, at - 1) substr(code, at + 2 + index(substr(code, at + 2), "*/") + 1)
	while (match(code, /\{[^{}]*\}/))
		code = substr(code, 1, RSTART - 1) " " substr(code, RSTART + RLENGTH)
	total = split(code, parts, ";")
	for (i = 1; i <= total; i++) {
		if (parts[i] ~ /^[ \t\n]*typedef/)
			continue
		if (parts[i] ~ /^[ \t\n]*extern/)
			export_objects(parts[i])
		else if (match(parts[i], /plug_[a-z0-9_]+\(/))
			exported[substr(parts[i], RSTART, RLENGTH - 1)] = 1
	}
}

# extern const struct plug_method plug_led_method, plug_location_method
function export_objects(declaration,    names, i, total) {
	total = split(declaration, names, ",")
	for (i = 1; i <= total; i++)
		if (match(names[i], /plug_[a-z0-9_]+[ \t\n]*$/))
			exported[substr(names[i], RSTART, RLENGTH)] = 1
}

function write_map(    symbol, sort) {
	print "{\nglobal:" > map
	close(map)
	sort = "LC_ALL=C sort >> '" map "'"
	for (symbol in exported)
		print "\t" symbol ";" | sort
	close(sort)
	print "local:\n\t*;\n};" >> map
	close(map)
}
