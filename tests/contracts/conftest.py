"""A mailbox of each kind that the mailbox's contracts hold for: in memory, over files, over real servers."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from servers import kinds
from servers.loopback import Listening
from servers.posts import MaildirPost, Post, TwinPost, imap_post
from twins.mailbox import Store

from watcher.ports import Mailbox


@pytest.fixture(params=["twin", "maildir", "maildir-plain", *kinds.CHOSEN])
def post(
    server_of: Callable[[str], AbstractContextManager[Listening]], request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Post]:
    match request.param:
        case "twin":
            yield TwinPost(Store())
        case "maildir" | "maildir-plain" as layout:
            yield MaildirPost(tmp_path / "mail", tmp_path / "data", is_plain=layout == "maildir-plain")
        case server:
            with server_of(server) as listening:
                yield imap_post(listening)


@pytest.fixture
def drafts(post: Post) -> str:
    return post.facts.named("Drafts")


@pytest.fixture
def sent(post: Post) -> str:
    return post.facts.named("Sent")


@pytest.fixture
def mailbox(post: Post) -> Iterator[Mailbox]:
    opened = post.open()
    yield opened
    opened.close()
