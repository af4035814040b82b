"""A throw-away Dovecot on loopback, run from Debian's packages. No system service is touched.

Dovecot looks for its modules (TLS among them) under a path that is compiled in: see `unpacked`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from servers.facts import Facts
from servers.loopback import (
    PASSWORD,
    USER,
    Listening,
    await_greeting,
    free_port,
    hand_over,
    ids,
    names,
    private_folder,
    started,
)
from servers.unpacked import copied, library_path, unpacked

FACTS = Facts()

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


@dataclass(frozen=True)
class Style:
    """How this server differs from a plain one."""

    drafts: str = "Drafts"
    special_use: str = r"special_use = \Drafts"
    separator: str = "/"
    prefix: str = ""
    extra: str = ""
    password: str = PASSWORD


@dataclass(frozen=True, kw_only=True)
class Dovecot(Listening):
    """A running server: `tls_port` is implicit TLS, `port` offers STARTTLS, `ca` is the file of its authority."""

    home: Path
    tls_port: int
    style: Style = field(default_factory=Style)

    @property
    def ca(self) -> Path:
        return self.home / "ca.pem"

    def bulk(self, mails: Iterable[bytes], received: float) -> None:
        """Many mails at once into INBOX, as files, before anybody looked; all received (INTERNALDATE) then."""
        folder = self.home / "mail" / "Maildir"
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(mails):
            file = folder / "cur" / f"{int(received)}.M{number:06}.bulk:2,"
            file.write_bytes(content)
            os.utime(file, (received, received))
        hand_over(folder)

    def admit(self, users: Iterable[str]) -> None:
        """Let these in, each into a mailbox of their own, and nobody else."""
        uid, gid = ids()
        lines = (f"{user}:{{PLAIN}}{self.password}:{uid}:{gid}::{self.mail_of(user)}::\n" for user in users)
        (self.home / "users").write_text("".join(lines))

    def mail_of(self, user: str) -> Path:
        """The home of one of these."""
        return self.home / "mail" / user

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


def packages() -> AbstractContextManager[Path]:
    """A copy of the unpacked packages. Raises NotHere."""
    return copied(unpacked("dovecot", "usr/sbin/dovecot"), ["/usr/lib/dovecot/modules"])


@contextmanager
def running(root: Path, style: Style | None = None, port: int | None = None) -> Iterator[Dovecot]:
    """A fresh server from `packages()`, gone at the end."""
    chosen = style or Style()
    with private_folder("iw-") as home:
        server = Dovecot(
            home=home,
            port=port or free_port(),
            tls_port=free_port(),
            facts=FACTS,
            password=chosen.password,
            style=chosen,
        )
        _furnish(server, root)
        environment = {"LD_LIBRARY_PATH": library_path(root), "HOME": str(home)}
        with started(_command(server, root), environment, home / "stderr") as process:
            await_greeting(server.port, process, home / "dovecot.log", home / "stderr")
            yield server


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
    user, group = names()
    config = _CONFIG.format(
        home=home, root=root, port=server.port, tls_port=server.tls_port, user=user, group=group,
        drafts=style.drafts, special_use=style.special_use, separator=style.separator, prefix=style.prefix,
        extra=style.extra,
    )  # fmt: skip
    (home / "dovecot.conf").write_text(config)
    uid, gid = ids()
    (home / "users").write_text(f"{USER}:{{PLAIN}}{style.password}:{uid}:{gid}::{home}/mail::\n")
    hand_over(home)


def _command(server: Dovecot, root: Path) -> Sequence[str]:
    # The `dovecot` binary would run /usr/bin/doveconf; doveconf itself can hand the settings to the binary.
    doveconf, binary = str(root / "usr" / "bin" / "doveconf"), str(root / "usr" / "sbin" / "dovecot")
    config = str(server.home / "dovecot.conf")
    return doveconf, "-f", "service=master", "-c", config, "-m", "master", "-e", binary, "-F", "-c", config
