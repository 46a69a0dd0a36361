# Completion of plugctl for bash: verbs, their words and options, names from the configuration.
# The words come from plugctl's own help, so that they cannot differ from it.

_plugctl_verbs() {
	plugctl --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'
}

_plugctl_options() {
	plugctl ${1:+"$1"} --help 2>/dev/null | sed -n 's/^  \(--[a-z-]*\).*/\1/p'
}

_plugctl_words() {
	plugctl "$1" --help 2>/dev/null |
		sed -n "1s/.* $1 \([a-z|]*\) target.*/\1/p" | tr '|' '\n'
}

# Names of devices and outlets in a configuration: what stands behind name = "...".
_plugctl_names() {
	local file=${1/#\~/$HOME}

	[ -r "$file" ] && grep -o 'name *= *"[a-z0-9_-]*"' "$file" | sed 's/.*"\(.*\)"/\1/'
}

_plugctl() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local verb='' config='' count=0 takes_value=' ' word i
	local values='config broadcast interface wait port outlet timeout at brightness count
		current date days delay device-id do from hardware-id hash hue in interval kelvin mac name
		of password-file rule saturation security set ssid times to transition url user voltage
		with zone'

	for word in $values; do
		takes_value+="--$word "
	done
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [ "$word" = --config ] && [ "$verb" = discover ]; then
			continue # it takes no file there
		fi
		if [ "$word" = --config ]; then
			config=${COMP_WORDS[i + 1]}
		fi
		if [[ $takes_value == *" $word "* ]]; then
			((i++))
		elif [[ $word != -* ]]; then
			verb=${verb:-$word}
			((count++))
		fi
	done

	COMPREPLY=()
	if [ "$previous" = --config ] && [ "$verb" != discover ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	elif [ "$previous" = --password-file ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	elif [ "$previous" = --security ]; then
		mapfile -t COMPREPLY < <(compgen -W 'open wep wpa wpa2 wpa3' -- "$current")
	elif [ "$previous" = --do ]; then
		mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$current")
	elif [[ $takes_value == *" $previous "* && $previous != --config ]]; then
		return
	elif [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_plugctl_options "$verb")" -- "$current")
	elif [ -z "$verb" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_plugctl_verbs)" -- "$current")
	else
		word=''
		[ "$count" -eq 1 ] && word=$(_plugctl_words "$verb")
		[ -z "$word" ] && [ -n "$config" ] && word=$(_plugctl_names "$config")
		mapfile -t COMPREPLY < <(compgen -W "$word" -- "$current")
	fi
}

complete -F _plugctl plugctl
