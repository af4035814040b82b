"""A throw-away Courier on loopback, run from Debian's packages as an ordinary user.

Where its parts find each other is compiled in (see `unpacked`), so only one runs at a time in one copy. Its folders lie
below INBOX and are parted by dots.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from servers.facts import Facts
from servers.loopback import (
    PASSWORD_HASH,
    USER,
    Listening,
    as_user,
    await_file,
    await_greeting,
    free_port,
    hand_over,
    ids,
    private_folder,
    started,
)
from servers.unpacked import copied, library_path, unpacked

FACTS = Facts(prefix="INBOX.", marks_drafts=False, tells_next_uid=False, appends_where_one_looks=False)
_COMPILED_IN = ("/etc/courier", "/run/courier", "/usr/lib/courier-authlib", "/usr/libexec")

# What Debian's own settings have; IDLE looks once a second.
_SETTINGS = {
    "IMAP_CAPABILITY": "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE",
    "IMAP_KEYWORDS": "1",
    "IMAP_ACL": "1",
    "IMAP_IDLE_TIMEOUT": "1",
    "IMAP_CHECK_ALL_FOLDERS": "0",
    "IMAP_OBSOLETE_CLIENT": "0",
    "IMAP_USELOCKS": "1",
    "IMAP_ENHANCEDIDLE": "0",
    "IMAP_TRASHFOLDERNAME": "Trash",
    "IMAP_MOVE_EXPUNGE_TO_TRASH": "0",
    "IMAP_TLS_REQUIRED": "0",
}
_AUTHENTICATION = {
    "authmodulelist": "authuserdb",
    "authmodulelistorig": "authuserdb",
    "daemons": "2",
    "DEBUG_LOGIN": "0",
    "DEFAULTOPTIONS": "",
    "LOGGEROPTS": "",
}


def packages() -> AbstractContextManager[Path]:
    """A copy of the unpacked packages. Raises NotHere."""
    return copied(unpacked("courier", "usr/lib/courier/courier/imaplogin"), _COMPILED_IN)


@contextmanager
def running(root: Path) -> Iterator[Listening]:
    """A fresh server from `packages()`, gone at the end."""
    with private_folder("iw-") as home:
        server = Listening(free_port(), FACTS)
        environment = _environment(root, home)
        _furnish(root, home, environment)
        try:
            with _started(root, home, environment, server.port) as process:
                await_greeting(server.port, process, home / "log")
                yield server
        finally:
            _end_watcher(root)


def _environment(root: Path, home: Path) -> Mapping[str, str]:
    return {
        **_SETTINGS,
        **_AUTHENTICATION,
        "LD_LIBRARY_PATH": library_path(root),
        "HOME": str(home),
        "authdaemonvar": str(root / "run" / "courier" / "authdaemon"),
        "GAM_CLIENT_ID": home.name,  # a watcher of files that is this server's alone
    }


def _furnish(root: Path, home: Path, environment: Mapping[str, str]) -> None:
    settings, sockets, mail = root / "etc" / "courier", root / "run" / "courier" / "authdaemon", home / "mail"
    shutil.rmtree(sockets, ignore_errors=True)
    sockets.mkdir()
    mail.mkdir()
    lines = (f'{name}="{environment[name]}"\n' for name in (*_AUTHENTICATION, "authdaemonvar"))
    (settings / "authdaemonrc").write_text("".join(lines))
    uid, gid = ids()
    known = {"userdb": f"uid={uid}|gid={gid}|home={mail}|shell=/bin/sh", "userdbshadow": f"imappw={PASSWORD_HASH}"}
    for folder in (settings, sockets, home):
        hand_over(folder)
    for name, fields in known.items():
        place = settings / name
        words = [str(root / "usr/lib/courier/courier-authlib/makedatprog"), "-", f"{place}.new", f"{place}.dat"]
        _run(words, mail, environment, f"{USER}\t{fields}\n.\n")
    maker = str(root / "usr" / "bin" / "maildirmake.courier")
    _run([maker, "Maildir"], mail, environment)
    for name in ("Drafts", "Sent", "Trash"):
        _run([maker, "-f", name, "Maildir"], mail, environment)


def _run(words: list[str], folder: Path, environment: Mapping[str, str], told: str = "") -> None:
    subprocess.run(
        words,
        cwd=folder,
        input=told.encode(),
        env=environment,
        check=True,
        capture_output=True,
        **as_user(),  # type: ignore[call-overload] # keyword arguments that differ by user
    )


@contextmanager
def _started(root: Path, home: Path, environment: Mapping[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    programs = root / "usr" / "lib" / "courier"
    limits = ("-address=127.0.0.1", "-maxprocs=50", "-maxperip=50", "-nodnslookup", "-noidentlookup")
    per_connection = (str(programs / "courier" / "imaplogin"), str(root / "usr" / "bin" / "imapd"), "Maildir")
    listener = (str(root / "usr" / "sbin" / "couriertcpd"), *limits, str(port), *per_connection)
    authentication = (str(programs / "courier-authlib" / "authdaemond"),)
    with started(authentication, environment, home / "log"):
        await_file(Path(environment["authdaemonvar"]) / "socket")
        with started(listener, environment, home / "log") as process:
            yield process


def _end_watcher(root: Path) -> None:
    """End the watcher of files: whoever needs it first starts it, and it makes itself nobody's child."""
    program = root / "usr" / "libexec" / "gam_server"
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "exe").readlink() == program:
                os.kill(int(process.name), signal.SIGTERM)
