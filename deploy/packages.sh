#!/usr/bin/env bash
# packages.sh - the Debian packages that plugbridge is built, run and tested with.
#
# deploy/quickstart and tests/run source it. By itself it installs what it is given, as root:
#     deploy/packages.sh install PACKAGE...
set -euo pipefail

# shellcheck disable=SC2034 # the lists are for the scripts that source this file
{
	PACKAGES_BUILD=(build-essential cmake pkg-config libpaho-mqtt-dev libjson-c-dev
		libconfig-dev libuv1-dev libssl-dev libsystemd-dev libcmocka-dev)
	PACKAGES_RUN=(mosquitto mosquitto-clients)
	PACKAGES_TEST=(python3 python3-pytest python3-paho-mqtt openssl clang-format shellcheck
		mandoc prometheus prometheus-mqtt-exporter)
	PACKAGES_LONG=(clang-tidy valgrind)
	PACKAGES_NODE=(nodejs npm)
}

packages_file=$(readlink -f -- "${BASH_SOURCE[0]}")
policy=/usr/sbin/policy-rc.d
policy_before=$policy.before-plugbridge
# Packages that start and enable a system service of their name when they are installed.
service_packages=(mosquitto prometheus prometheus-mqtt-exporter)

package_is_installed() {
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# packages_missing PACKAGE...: prints those that are not installed, one a line.
packages_missing() {
	local package
	for package; do
		package_is_installed "$package" || echo "$package"
	done
}

# packages_ensure PACKAGE...: installs those that are not installed, with sudo where it must.
packages_ensure() {
	local missing
	if ! command -v apt-get >/dev/null; then
		echo "No apt-get here; these Debian packages, under your system's names, are needed:" >&2
		echo "    $*" >&2
		return
	fi
	mapfile -t missing < <(packages_missing "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" = 0 ]; then
		echo "Installing with apt-get: ${missing[*]}"
		packages_install "${missing[@]}"
	elif command -v sudo >/dev/null; then
		echo "Installing with sudo apt-get: ${missing[*]}"
		sudo -- "$packages_file" install "${missing[@]}"
	else
		echo "These packages are missing, and there is no sudo to install them with:" >&2
		echo "    apt-get install ${missing[*]}" >&2
		return 1
	fi
}

# A system service of that name, whoever put it there; a mask, which points to /dev/null, is none.
is_service() {
	local folder
	for folder in /etc /lib /usr/lib /usr/local/lib; do
		[ ! -f "$folder/systemd/system/$1.service" ] || return 0
	done
	return 1
}

# services_new: those of service_packages that are not there yet, one a line.
services_new() {
	local package
	for package in "${service_packages[@]}"; do
		package_is_installed "$package" || is_service "$package" || echo "$package"
	done
}

# A trial of plugbridge or its tests needs the programs only: the start of their services is refused
# while apt-get runs, and the services are disabled after. While the file is there it refuses
# nothing but these, and only as long as we live: a killed installation leaves no trap behind.
policy_put() {
	[ ! -e "$policy" ] || [ -e "$policy_before" ] || mv -- "$policy" "$policy_before"
	cat >"$policy" <<-END
		#!/bin/sh
		# Put here by $packages_file while it installs packages; safe to remove.
		if kill -0 $$ 2>/dev/null; then
			for service in $*; do
				case " \$* " in *" \$service "* | *" \$service.service "*) exit 101 ;; esac
			done
		fi
		[ ! -x $policy_before ] || exec $policy_before "\$@"
		exit 0
	END
	chmod 755 "$policy"
}

policy_restore() {
	rm -f -- "$policy"
	[ ! -e "$policy_before" ] || mv -- "$policy_before" "$policy"
}

services_disable() {
	local service
	for service; do
		deb-systemd-helper disable "$service.service" >/dev/null 2>&1 || true
		update-rc.d "$service" disable >/dev/null 2>&1 || true
	done
}

apt_quietly() {
	local log
	log=$(mktemp)
	if ! DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 \
		-o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1; then
		cat "$log" >&2
		rm -f -- "$log"
		return 1
	fi
	rm -f -- "$log"
}

# packages_install PACKAGE...: needs root.
packages_install() (
	mapfile -t services < <(services_new)
	if [ ${#services[@]} -gt 0 ]; then
		trap 'policy_restore; services_disable "${services[@]}"' EXIT
		trap 'exit 130' INT TERM HUP
		policy_put "${services[@]}"
	fi
	apt_quietly update
	apt_quietly install --no-install-recommends "$@"
)

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	if [ $# -lt 2 ] || [ "$1" != install ]; then
		echo "usage: ${0##*/} install PACKAGE..." >&2
		exit 2
	fi
	shift
	packages_install "$@"
fi
