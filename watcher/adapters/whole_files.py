"""A file is replaced whole: whoever reads meanwhile, and whatever breaks, finds the old one or the new one."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

PRIVATE = 0o600


def replace(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Put this in the place of what is there. Raises OSError."""
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as fresh:
        try:
            fresh.write(content)
            fresh.flush()
            os.fchmod(fresh.fileno(), mode)
            os.fsync(fresh.fileno())
            Path(fresh.name).replace(path)
        except BaseException:
            Path(fresh.name).unlink(missing_ok=True)
            raise
