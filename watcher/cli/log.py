"""The log: one line an event on standard error, for people or as JSON."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(form: str, level: str) -> None:
    """Set the log up once, before anything is logged. `form` is `text` or `json`."""
    last = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # The scheduler logs through the standard library; what it warns of belongs on the same stream.
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(levelname)s %(name)s %(message)s")
