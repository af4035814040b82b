#!/bin/sh
# unpack-dovecot.sh DIR: Debian's Dovecot and what it needs, unpacked into DIR. Installs nothing, starts nothing,
# touches neither apt's nor dpkg's own folders. Where there is no apt, DIR/NOT-HERE says why and nothing else happens.
set -eu
mkdir -p "$1"
dir=$(realpath "$1")
if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
	echo "this machine has no apt to take Dovecot from" >"$dir/NOT-HERE"
	exit 0
fi
mkdir -p "$dir/apt/lists/partial" "$dir/apt/archives/partial"
apt() {
	apt-get -qq -y -o Dir::State="$dir/apt" -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache="$dir/apt" \
		-o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 "$@"
}
if ! { apt update && apt install --no-install-recommends --download-only dovecot-imapd; } >"$dir/apt/log" 2>&1; then
	echo "apt could not fetch Dovecot: see $dir/apt/log" >"$dir/NOT-HERE"
	exit 0
fi
for package in "$dir"/apt/archives/*.deb; do
	[ -e "$package" ] || continue
	dpkg -x "$package" "$dir/root"
done
rm -rf "$dir/apt" "$dir/NOT-HERE"
