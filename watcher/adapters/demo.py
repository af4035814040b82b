"""A real IMAP server inside this process, for `watcher demo`: in memory, on loopback, gone when the demo ends."""

from __future__ import annotations

import asyncio
import logging
import secrets
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Thread

from watcher.errors import Problem, Show

USER = "me@example.test"
FOLDERS = ("Drafts", "Sent", "Trash")
_READY_WITHIN = 30.0


@contextmanager
def mail_server(mails: Iterable[bytes], folders: Iterable[str] = FOLDERS) -> Iterator[tuple[int, str]]:
    """Serve `mails` in INBOX of `USER`, beside empty `folders`; gives port and password. Raises Show without pymap."""
    _require_pymap()
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="demo-imap", daemon=True)
    thread.start()
    password = secrets.token_urlsafe(16)
    logging.getLogger("pymap").setLevel(logging.CRITICAL)
    try:
        serving = _serve(tuple(mails), tuple(folders), password)
        server = asyncio.run_coroutine_threadsafe(serving, loop).result(_READY_WITHIN)
        yield server.sockets[0].getsockname()[1], password
        loop.call_soon_threadsafe(server.close)
    finally:
        asyncio.run_coroutine_threadsafe(_end_tasks(), loop).result(_READY_WITHIN)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_READY_WITHIN)
        loop.close()


def _require_pymap() -> None:
    try:
        import pymap  # noqa: F401, PLC0415 - an extra: only the demo needs it
    except ImportError as error:
        remedy = "pip install 'invitation-watcher[demo]', or `make demo` in a checkout"
        raise Show(Problem("watcher demo", "the embedded mail server is not installed", remedy)) from error


async def _serve(mails: tuple[bytes, ...], folders: tuple[str, ...], password: str) -> asyncio.Server:
    from proxyprotocol.reader import ProxyProtocolReader  # noqa: PLC0415 - comes with pymap
    from pymap.backend.dict import DictBackend  # noqa: PLC0415 - an extra: only the demo needs it
    from pymap.imap import IMAPServer  # noqa: PLC0415 - same

    backend, config = await DictBackend.init(Namespace(**_arguments(password)), reject_dnsbl=False)
    config.apply_context()
    await _fill(backend, mails, folders)
    reader = ProxyProtocolReader(config.proxy_protocol)
    return await asyncio.start_server(reader.get_callback(IMAPServer(backend.login, config)), "127.0.0.1", 0)


def _arguments(password: str) -> Mapping[str, object]:
    """What pymap's own command line would have parsed."""
    return {
        "debug": False, "host": "127.0.0.1", "port": "0", "cert": None, "key": None, "tls": False,
        "proxy_protocol": None, "passlib_cfg": None, "inherited_sockets": None,
        "demo_data": False, "demo_user": USER, "demo_password": password,
    }  # fmt: skip


async def _fill(backend: object, mails: tuple[bytes, ...], folders: tuple[str, ...]) -> None:
    from pymap.backend.dict import DictBackend  # noqa: PLC0415 - an extra: only the demo needs it
    from pymap.parsing.message import AppendMessage  # noqa: PLC0415 - same

    assert isinstance(backend, DictBackend), "made in _serve"
    async with backend.login.demo_user_identity.new_session() as session:
        inbox = await session.mailbox_set.get_mailbox("INBOX")
        for mail in mails:
            await inbox.append(AppendMessage(mail, datetime.now(UTC), frozenset()))
        for folder in folders:
            await session.mailbox_set.add_mailbox(folder)


async def _end_tasks() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 5)
