# shellcheck shell=bash
# lan.sh - deploy/quickstart --lan: finds the owner's plugs and makes their configuration.
#
# quickstart sources it and offers fail, fail_usage, folder and programs.
is_lan=
is_agreed=
lan_file=my.cfg
lan_where=()   # for plugctl
lan_options=() # as typed, for the message when --lan itself is missing

check_lan() {
	if [ -z "$is_lan" ]; then
		[ ${#lan_options[@]} = 0 ] || fail_usage "${lan_options[0]} goes with --lan"
		[ -z "$is_agreed" ] || fail_usage "--yes goes with --lan"
		return
	fi
	[ -z "$config" ] || fail_usage "--lan and --config: which? --lan writes a new file"
	if [ -e "$lan_file" ] || [ -L "$lan_file" ]; then
		fail_usage "$lan_file is there already and stays as it is: run it with" \
			"--config $lan_file, or name another file with --to"
	fi
	[ -d "$(dirname -- "$lan_file")" ] || fail_usage "there is no folder for $lan_file"
	if [ -z "$is_agreed" ] && [ ! -t 0 ]; then
		fail_usage "--lan asks before it runs anything: without a terminal it needs --yes"
	fi
}

# Gives config, which is read, checked and run like a file of the owner's from here on.
find_plugs() {
	local status=0
	echo "Looking for plugs"
	"$programs/plugctl" "${lan_where[@]}" discover --config >"$folder/found.cfg" || status=$?
	[ "$status" != 2 ] || fail_usage "this cannot be searched"
	[ "$status" = 0 ] || fail "no plugs that can be used were found, and nothing was written"
	(set -o noclobber && cat -- "$folder/found.cfg" >"$lan_file") ||
		fail "$lan_file was not written"
	config=$(readlink -f -- "$lan_file") config_as_typed=$lan_file
	cat -- "$config"
	echo
	echo "This is $lan_file now. Names can be changed there at any time."
	[ -n "$is_agreed" ] || ask_to_run
}

ask_to_run() {
	local answer
	read -r -p "Run the bridge with it? It switches nothing by itself. (yes/no) " answer || answer=
	case $answer in
	[Yy] | [Yy][Ee][Ss]) ;;
	*)
		echo "Not run. Later: deploy/quickstart --config $lan_file"
		exit 0
		;;
	esac
}
