"""Debian's Chromium, unpacked under `build` and not installed: headless, with fonts of its own, calling nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from servers.loopback import NotHere
from servers.unpacked import library_path, unpacked

PROGRAM = "usr/lib/chromium/chromium"

_SWITCHES = (
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--font-render-hinting=none",
)

_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>system-ui</family><prefer><family>Noto Sans</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Noto Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>Noto Serif</family></prefer></alias>
</fontconfig>
"""


def packages() -> Path | NotHere:
    """Where it is unpacked, or why it is not."""
    try:
        return unpacked("chromium", PROGRAM)
    except NotHere as reason:
        return reason


@contextmanager
def running(root: Path, folder: Path) -> Iterator[Browser]:
    """A browser whose fonts are the same on every machine."""
    fonts = folder / "fonts.conf"
    fonts.write_text(_FONTS.format(fonts=root / "usr/share/fonts", cache=folder / "fonts"))
    environment = {
        "LD_LIBRARY_PATH": library_path(root),
        "FONTCONFIG_FILE": str(fonts),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=root / PROGRAM, args=_SWITCHES, env=environment, headless=True
        )
        yield browser
        browser.close()
