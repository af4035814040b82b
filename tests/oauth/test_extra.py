"""A sign-in by OAuth without its extra is told, and without such a sign-in nothing of it is loaded."""

import subprocess
import sys

from servers.oauth_provider import CLIENT
from shell.program import Home

_WITHOUT = "import sys; sys.modules['oauthlib'] = None; from watcher.cli.commands import main; main(['login'])"
_LOADED = "import sys, watcher.cli.commands; print([m for m in sys.modules if 'oauth' in m or 'keyring' in m])"


def test_without_the_extra_it_says_what_to_install(home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT],
        cwd=home.folder,
        env=home.environment({"WATCHER_OAUTH_CLIENT_ID": CLIENT}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "invitation-watcher[oauth]" in done.stderr


def test_who_uses_a_password_loads_nothing_of_it() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
