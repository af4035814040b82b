"""A person with a mailbox on a real server."""

from pathlib import Path

import pytest
from servers.dovecot import Dovecot
from shell.program import Home


@pytest.fixture
def home(dovecot: Dovecot, tmp_path: Path) -> Home:
    return Home(tmp_path, dovecot.environment())
