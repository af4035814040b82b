"""`watcher login`: a person signs in at their provider, and the program keeps what it was given where that works."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from datetime import timedelta

import click

from watcher import wiring
from watcher.cli import options
from watcher.domain.tokens import DeviceCode, Tokens
from watcher.errors import NotLetIn, Problem
from watcher.setting_up.consent import Login


@click.command()
@options.account
@click.option("--device", is_flag=True, help="By a code that you type in on any device, not by a browser here.")
def login(*, account: str | None, device: bool) -> None:
    """Sign in at your mail provider by OAuth, and try that at the mail server at once.

    docs/sign-in.md tells where to get the client id that this needs. What was kept before goes on until the new sign-in
    works.
    """
    with wiring.open_house(account) as house:
        sign_in = house.login()
        _say(f"Signing {sign_in.user} in with {sign_in.provider}.")
        _take(sign_in, consent(sign_in, device=device))


def consent(sign_in: Login, *, device: bool = False) -> Tokens:
    """By a browser here, or by a code; `device`: by a code in any case."""
    if device or (sign_in.offers_code and not _has_browser()):
        return sign_in.code(_show_code, _wait)
    return sign_in.browser(_show_address)


def _take(sign_in: Login, tokens: Tokens) -> None:
    _say(f"{sign_in.provider} gave its consent. Trying it at {sign_in.server} …")
    try:
        untried = sign_in.take(tokens)
    except NotLetIn as refusal:
        asked = f"did you sign in as {sign_in.user}? Then allow IMAP in the account's settings; nothing was kept"
        raise NotLetIn(*(Problem(one.where, one.what, asked) for one in refusal.problems)) from refusal
    if untried:
        _say(f"That could not be tried: {untried}\nThe sign-in is kept, as nothing speaks against it.")
    else:
        click.echo(f"Signed in: {sign_in.server} lets {sign_in.user} in, and the sign-in is kept.")


def _show_address(address: str, port: int) -> None:
    _say(f"\nOpen this page in a browser on this machine:\n\n  {address}\n")
    if _has_browser() and webbrowser.open(address):
        _say("It should be open already.")
    else:
        _say(
            f"Your browser is on another machine? Run this there first, then open the page there:\n\n"
            f"  ssh -N -L {port}:127.0.0.1:{port} <this machine>\n"
        )
    _say("Waiting for you, ten minutes at most …")


def _show_code(device: DeviceCode) -> None:
    _say(f"\nOn any device, open {device.address} and type in:\n\n  {device.user_code}\n")
    if device.whole_address:
        _say(f"or open this, which has the code in it:\n\n  {device.whole_address}\n")
    _say(f"Type it in only there. Waiting for you until {device.ends.astimezone():%H:%M} …")


def _wait(time_to_pass: timedelta) -> None:
    time.sleep(time_to_pass.total_seconds())


def _has_browser() -> bool:
    """Whether a page can be shown: not by a browser in the terminal, which would take this one over."""
    if sys.platform == "darwin":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _say(words: str) -> None:
    click.echo(words, err=True)
