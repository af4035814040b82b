"""A throw-away Dovecot on loopback, run from the packages that `make test` unpacks. No system service is touched.

Debian's Dovecot looks for its modules (TLS among them) under a path that is compiled in: a copy of its library gets
another path of the same length, and a link there leads to the unpacked folder. As root everything runs as `nobody`,
because Dovecot hands out no mail to uid 0.
"""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from imapclient import IMAPClient

UNPACKED = Path(__file__).parents[2] / "build" / "dovecot"
START_WITHIN = 15.0
USER, PASSWORD = "me@example.test", "secret"
RUN_AS = ("nobody", "nogroup") if os.geteuid() == 0 else None
_MODULES = b"/usr/lib/dovecot/modules"

_CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
libexec_dir = {root}/usr/lib/dovecot
import_environment = TZ LD_LIBRARY_PATH
listen = 127.0.0.1
protocols = imap
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
default_vsz_limit = 1G
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  client_limit = 1000
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 1000
passdb {{
  driver = passwd-file
  args = {home}/users
}}
userdb {{
  driver = passwd-file
  args = {home}/users
}}
mail_location = maildir:~/Maildir
mail_fsync = never
protocol imap {{
  rawlog_dir = {home}/raw
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
  mailbox "{drafts}" {{
    {special_use}
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = create
  }}
}}
{extra}
"""


class NotHere(Exception):  # noqa: N818 - says what is the matter
    """There is no Dovecot to run; `str()` says why."""


@dataclass(frozen=True)
class Style:
    """How this server differs from a plain one."""

    drafts: str = "Drafts"
    special_use: str = r"special_use = \Drafts"
    separator: str = "/"
    prefix: str = ""
    extra: str = ""
    password: str = PASSWORD


@dataclass
class Dovecot:
    """A running server: `port` is plain and STARTTLS, `tls_port` implicit TLS, `ca` the file of its authority."""

    home: Path
    port: int
    tls_port: int
    style: Style = field(default_factory=Style)
    host: str = "127.0.0.1"
    user: str = USER
    password: str = PASSWORD

    @property
    def ca(self) -> Path:
        return self.home / "ca.pem"

    def environment(self) -> dict[str, str]:
        """Settings of the program for this server."""
        return {
            "WATCHER_IMAP_HOST": self.host,
            "WATCHER_IMAP_PORT": str(self.port),
            "WATCHER_IMAP_SECURITY": "none",
            "WATCHER_IMAP_USER": self.user,
            "WATCHER_IMAP_PASSWORD": self.password,
            "WATCHER_MY_NAME": "Robin Ashdown",
        }

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """The person's own mail program."""
        client = IMAPClient(self.host, self.port, ssl=False, timeout=20)
        client.login(self.user, self.password)
        yield client
        with suppress(OSError):
            client.logout()

    def bulk(self, mails: Iterable[bytes], received: float) -> None:
        """Many mails at once into INBOX, as files, before anybody looked; all received (INTERNALDATE) then."""
        folder = self.home / "mail" / "Maildir"
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(mails):
            file = folder / "cur" / f"{int(received)}.M{number:06}.bulk:2,"
            file.write_bytes(content)
            os.utime(file, (received, received))
        self._hand_over(folder)

    def _hand_over(self, folder: Path) -> None:
        if RUN_AS:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, *_ids())

    def raw_log(self) -> bytes:
        """Every octet that clients sent so far."""
        return b"".join(file.read_bytes() for file in sorted((self.home / "raw").glob("*.in")))

    def forget_raw_log(self) -> None:
        for file in (self.home / "raw").iterdir():
            file.unlink()

    def rebuild(self, folder: str = "") -> None:
        """Change UIDVALIDITY, as a restored server does; the mail gets new UIDs."""
        maildir = self.home / "mail" / "Maildir"
        for file in (maildir / f".{folder}" if folder else maildir).glob("dovecot*"):
            if file.is_file():
                file.unlink()
        uidvalidity = maildir / "dovecot-uidvalidity"
        for stale in maildir.glob("dovecot-uidvalidity*"):
            stale.unlink()
        uidvalidity.unlink(missing_ok=True)


def library_path(root: Path) -> str:
    found = sorted({str(path.parent) for path in root.rglob("*.so*")})
    return ":".join(found)


def unpacked() -> Path:
    """The unpacked packages, at a place that the server's user can reach. Raises NotHere."""
    if not (UNPACKED / "root" / "usr" / "sbin" / "dovecot").is_file():
        told = UNPACKED / "NOT-HERE"
        raise NotHere(told.read_text().strip() if told.is_file() else "`make test` unpacks it; plain pytest does not")
    return UNPACKED / "root"


@contextmanager
def packages() -> Iterator[Path]:
    """A copy of the unpacked packages whose library finds its modules. Raises NotHere."""
    source = unpacked()
    with _private_folder("iw-root-") as place:
        root = place / "root"
        shutil.copytree(source, root, symlinks=True)
        link = _link_of_the_same_length(root)
        library = root / "usr" / "lib" / "dovecot" / "libdovecot.so.0"
        content = library.read_bytes()
        assert content.count(_MODULES + b"\0") == 1, "this Dovecot is laid out differently"
        real = library.resolve()
        real.write_bytes(content.replace(_MODULES + b"\0", str(link).encode() + b"\0"))
        link.symlink_to(root / "usr" / "lib" / "dovecot" / "modules")
        try:
            yield root
        finally:
            link.unlink()


def _link_of_the_same_length(root: Path) -> Path:
    folder = Path(tempfile.gettempdir())
    left = len(_MODULES) - len(f"{folder}/")
    if left < 8:
        raise NotHere(f"{folder} has too long a name: set TMPDIR to a short one")
    return folder / hashlib.sha256(str(root).encode()).hexdigest()[:left]


@contextmanager
def running(root: Path, style: Style | None = None, port: int | None = None) -> Iterator[Dovecot]:
    """A fresh server from `packages()`, gone at the end."""
    chosen = style or Style()
    with _private_folder("iw-") as home:
        server = Dovecot(home, port or free_port(), free_port(), chosen, password=chosen.password)
        _furnish(server, root)
        process = _start(server, root)
        try:
            _await(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def _private_folder(prefix: str) -> Iterator[Path]:
    # Not pytest's own folder: that is closed to other users, and sockets' names must be short.
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _furnish(server: Dovecot, root: Path) -> None:
    home, style = server.home, server.style
    for name in ("run", "state", "mail", "raw"):
        (home / name).mkdir()
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(home / "ca.pem")
    certificate.private_key_pem.write_to_path(home / "key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(home / "cert.pem", append=True)
    user, group = RUN_AS or (_name(), _group())
    config = _CONFIG.format(
        home=home, root=root, port=server.port, tls_port=server.tls_port, user=user, group=group,
        drafts=style.drafts, special_use=style.special_use, separator=style.separator, prefix=style.prefix,
        extra=style.extra,
    )  # fmt: skip
    (home / "dovecot.conf").write_text(config)
    uid, gid = _ids()
    (home / "users").write_text(f"{USER}:{{PLAIN}}{style.password}:{uid}:{gid}::{home}/mail::\n")
    server._hand_over(home)  # noqa: SLF001 - of this module


def _start(server: Dovecot, root: Path) -> subprocess.Popen[bytes]:
    # The `dovecot` binary would run /usr/bin/doveconf; doveconf itself can hand the settings to the binary.
    doveconf, binary = root / "usr" / "bin" / "doveconf", root / "usr" / "sbin" / "dovecot"
    words = [str(doveconf), "-f", "service=master", "-c", str(server.home / "dovecot.conf"), "-m", "master", "-e"]
    uid, gid = _ids()
    as_user: Mapping[str, object] = {"user": uid, "group": gid, "extra_groups": []} if RUN_AS else {}
    return subprocess.Popen(
        [*words, str(binary), "-F", "-c", str(server.home / "dovecot.conf")],
        env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": library_path(root), "HOME": str(server.home)},
        stderr=(server.home / "stderr").open("wb"),
        **as_user,  # type: ignore[call-overload] # keyword arguments that differ by user
    )


def _await(server: Dovecot, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with suppress(OSError), socket.create_connection((server.host, server.port), 1) as probe:
            if probe.recv(4) == b"* OK":
                return
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    log = server.home / "dovecot.log"
    said = log.read_text() if log.is_file() else ""
    raise RuntimeError(f"Dovecot did not start: {said[-2000:]}{(server.home / 'stderr').read_text()}")


def _ids() -> tuple[int, int]:
    if RUN_AS is None:
        return os.getuid(), os.getgid()
    return pwd.getpwnam(RUN_AS[0]).pw_uid, grp.getgrnam(RUN_AS[1]).gr_gid


def _name() -> str:
    return pwd.getpwuid(os.getuid()).pw_name


def _group() -> str:
    return grp.getgrgid(os.getgid()).gr_name
