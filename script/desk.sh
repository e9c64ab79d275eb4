# A desk for script/e2e, lasting, matrix and shots: a display in memory, the program on it with a home of its own, and hands. To be
# sourced. What runs here ends with the script.

# shellcheck shell=sh
desk=$(mktemp -d)
export HOOKGLASS_HOME="$desk/home"
log=$desk/log
started=
mkdir -p "$HOOKGLASS_HOME" "$desk/sender" "$desk/bin" out
# A copy, so that the program may be built anew meanwhile.
cp bin/hookglass "$desk/bin/"
PATH=$desk/bin:$PATH

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

fail() {
	say "$*"
	shot failed 2>/dev/null || true
	sed 's/^/  log: /' "$log" >&2 2>/dev/null || true
	exit 1
}

# leave ends what was started, by its number, and takes the desk away.
leave() {
	for pid in $started; do kill "$pid" 2>/dev/null || true; done
	for pid in $started; do wait "$pid" 2>/dev/null || true; done
	rm -rf "$desk"
}
trap leave EXIT
trap 'exit 130' INT TERM

# display takes the first free one. Its size is the window's; with a size of its own the window may have any below that.
display() {
	full=yes
	[ -z "${1:-}" ] || full=no
	mkfifo "$desk/number"
	Xvfb -displayfd 3 -screen 0 "${1:-1360x860}x24" -nolisten tcp 3>"$desk/number" >/dev/null 2>&1 &
	started="$started $!"
	read -r number <"$desk/number"
	export DISPLAY=":$number"
	unset WAYLAND_DISPLAY
	mkdir -p "$desk/config/openbox"
	cat >"$desk/config/openbox/rc.xml" <<-XML
		<openbox_config xmlns="http://openbox.org/3.4/rc">
		  <applications><application class="*"><decor>no</decor><maximized>$full</maximized><focus>yes</focus>
		    <position force="yes"><x>0</x><y>0</y></position></application></applications>
		</openbox_config>
	XML
	openbox --config-file "$desk/config/openbox/rc.xml" >/dev/null 2>&1 &
	started="$started $!"
}

# set_up puts the sources of a workspace into the history before the window opens it.
set_up() {
	hookglass serve --addr 127.0.0.1:0 --workspace "$1" --json >"$desk/first" 2>>"$log" &
	pid=$!
	until_true 20 "the workspace" test -s "$desk/first"
	kill -INT "$pid"
	wait "$pid" || fail "serve did not end well"
}

# open_window starts the program, as somebody else where as says how, and waits until it shows and listens.
open_window() {
	${as:-} hookglass >>"$log" 2>&1 &
	program=$!
	started="$started $program"
	until_true 60 "the window" shows
	window=$(xdotool search --onlyvisible --name '^Hookglass' | tail -n 1)
	sleep 1 # the first frames, fonts and all
}

# close_window ends the program as an interrupt does.
close_window() {
	kill -INT "$program"
	wait "$program" || fail "the program ended with $?"
	program=
}

shows() { test -s "$HOOKGLASS_HOME/running.json" && xdotool search --onlyvisible --name '^Hookglass' >/dev/null 2>&1; }

# until_true SECONDS WHAT COMMAND... tries a command until it holds.
until_true() {
	tries=$(($1 * 5)) what=$2
	shift 2
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "$what did not come about"
		kill -0 "${program:-$$}" 2>/dev/null || fail "the program ended while waiting for $what"
		sleep 0.2
	done
}

# url NAME is where a source listens.
url() { hookglass sources --json | sed -n "s/.*\"name\":\"$1\".*\"url\":\"\([^\"]*\)\".*/\1/p"; }

# send goes through a home of its own, so that the history at hand holds what arrived and nothing else.
send() { HOOKGLASS_HOME="$desk/sender" hookglass send "$@" >>"$log" 2>&1; }

click() { xdotool mousemove --window "$window" "$1" "$2" click 1 && sleep 0.6; }
press() { xdotool key --window "$window" "$@" && sleep 0.6; }
write() { xdotool type --window "$window" --delay 5 "$1" && sleep 0.4; }
shot() { import -window "${window:-root}" "out/$1.png"; }
clipboard() { xclip -o -selection clipboard -t UTF8_STRING; }
