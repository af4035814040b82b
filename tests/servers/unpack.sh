#!/bin/sh
# unpack.sh DIR PACKAGE...: Debian's packages and what they need, unpacked into DIR/root, listed in DIR/packages.txt.
# Installs nothing, starts nothing, touches neither apt's nor dpkg's own folders. Where there is no apt, DIR/NOT-HERE
# says why and nothing else happens. The lists of packages lie beside DIR and are used for an hour.
set -eu
mkdir -p "$1"
dir=$(realpath "$1")
shift
lists=$(dirname "$dir")/apt
if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
	echo "this machine has no apt to take $1 from" >"$dir/NOT-HERE"
	exit 0
fi
mkdir -p "$lists/lists/partial" "$dir/apt/archives/partial"
apt() {
	apt-get -qq -y -o Dir::State="$lists" -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache="$dir/apt" \
		-o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 "$@"
}
update() {
	[ -n "$(find "$lists/fresh" -mmin -60 2>/dev/null)" ] || { apt update && touch "$lists/fresh"; }
}
fetch() {
	flock 9
	update && apt install --reinstall --no-install-recommends --download-only "$@"
}
if ! fetch "$@" >"$dir/apt/log" 2>&1 9>"$lists/lock"; then
	rm -f "$lists/fresh"
	echo "apt could not fetch $*: see $dir/apt/log" >"$dir/NOT-HERE"
	exit 0
fi
for package in "$dir"/apt/archives/*.deb; do
	[ -e "$package" ] || continue
	dpkg -x "$package" "$dir/root"
	basename "$package" >>"$dir/packages.txt"
done
rm -rf "$dir/apt" "$dir/NOT-HERE"
