"""A length of time as one says it."""

from datetime import timedelta

import pytest

from watcher.domain.spans import span


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 seconds"), (0.4, "0 seconds"), (1, "1 second"), (59, "59 seconds"), (60, "1 minute"),
        (3599, "59 minutes"), (7200, "2 hours"), (86_400, "1 day"), (86_400 * 1234, "1,234 days"),
    ],
)  # fmt: skip
def test_it_is_said_in_its_largest_unit(seconds: float, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said
