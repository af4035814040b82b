"""A throw-away Cyrus on loopback, run from Debian's packages as an ordinary user: every path of its is a setting."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from servers.facts import Facts
from servers.loopback import (
    PASSWORD,
    USER,
    Listening,
    as_user,
    await_greeting,
    free_port,
    hand_over,
    names,
    private_folder,
    started,
)
from servers.unpacked import copied, library_path, unpacked

FACTS = Facts()
_FOLDERS = "Drafts|Sent|Junk|Trash|Archive"

_SETTINGS = f"""
configdirectory: {{home}}/conf
partition-default: {{home}}/spool
defaultpartition: default
cyrus_user: {{user}}
admins: admin
servername: localhost
virtdomains: userid
defaultdomain: internal
unixhierarchysep: yes
altnamespace: yes
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {{home}}/sasldb2
sasl_mech_list: PLAIN LOGIN
autocreate_quota: 0
autocreate_inbox_folders: {_FOLDERS}
autocreate_subscribe_folders: {_FOLDERS}
xlist-drafts: Drafts
xlist-sent: Sent
xlist-junk: Junk
xlist-trash: Trash
xlist-archive: Archive
failedloginpause: 0
skiplist_unsafe: yes
"""

_SERVICES = """
START {{
  recover cmd="{bin}/ctl_cyrusdb -C {home}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{bin}/imapd -C {home}/imapd.conf" listen="127.0.0.1:{port}" proto=tcp4 prefork=1 maxchild=50
}}
DAEMON {{
  idled cmd="{bin}/idled -C {home}/imapd.conf"
}}
"""


def packages() -> AbstractContextManager[Path]:
    """A copy of the unpacked packages. Raises NotHere."""
    return copied(unpacked("cyrus", "usr/lib/cyrus/bin/master"))


@contextmanager
def running(root: Path) -> Iterator[Listening]:
    """A fresh server from `packages()`, gone at the end."""
    programs = root / "usr" / "lib" / "cyrus" / "bin"
    with private_folder("iw-") as home:
        server = Listening(free_port(), FACTS)
        environment = _environment(root)
        _furnish(home, programs, server.port)
        _let_in(home, root, environment)
        words = [str(programs / "master"), "-C", str(home / "imapd.conf"), "-M", str(home / "cyrus.conf")]
        with started([*words, "-p", str(home / "pid"), "-D"], environment, home / "log") as process:
            await_greeting(server.port, process, home / "log")
            yield server


def _environment(root: Path) -> Mapping[str, str]:
    plugins = root / "usr" / "lib"
    return {
        "LD_LIBRARY_PATH": library_path(root),
        "SASL_PATH": str(next(plugins.glob("*/sasl2"))),
        "CYRUS_USER": names()[0],
    }


def _furnish(home: Path, programs: Path, port: int) -> None:
    for name in ("db", "proc", "log", "msg", "socket", "lock"):
        (home / "conf" / name).mkdir(parents=True)
    (home / "spool").mkdir()
    (home / "imapd.conf").write_text(_SETTINGS.format(home=home, user=names()[0]))
    (home / "cyrus.conf").write_text(_SERVICES.format(home=home, bin=programs, port=port))
    hand_over(home)


def _let_in(home: Path, root: Path, environment: Mapping[str, str]) -> None:
    """Write the user and the password into Cyrus' own book of passwords."""
    name, _, domain = USER.partition("@")
    words = [str(root / "usr" / "sbin" / "saslpasswd2"), "-p", "-c", "-f", str(home / "sasldb2"), "-u", domain, name]
    subprocess.run(
        words,
        input=PASSWORD.encode(),
        env=environment,
        check=True,
        capture_output=True,
        **as_user(),  # type: ignore[call-overload] # keyword arguments that differ by user
    )
