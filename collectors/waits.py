"""When a page that a busy server put off is asked again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from vigie.model import Failure

PATIENCE = 6  # times that such a page is asked in all
_BUSY = (429, 503)
_FIRST, _LONGEST = timedelta(minutes=10), timedelta(days=1)


def page_again(
    failure: Failure, retry_after: float | None, tries: int, now: datetime
) -> datetime | None:
    """The moment from which the page is asked again (429, 503); None: not for that reason.

    `tries` counts this one. Each further try waits twice as long as the one before, and no less
    than the server's own Retry-After (seconds), up to a day.
    """
    if failure.status not in _BUSY or tries >= PATIENCE:
        return None
    asked = timedelta(seconds=min(retry_after or 0.0, _LONGEST.total_seconds()))
    doubled: timedelta = _FIRST * 2 ** (tries - 1)
    return now + max(min(doubled, _LONGEST), asked)
