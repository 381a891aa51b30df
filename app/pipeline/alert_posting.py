"""Alerts for machines: posted over HTTPS, signed, or written to a folder."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from sqlite_utils import Database

from app.pipeline.alert_copies import looks
from collectors.guard import is_inside
from digest.alerts import feed, hook
from digest.alerts.feed import Told
from digest.alerts.hook import Answer
from digest.alerts.view import Shown
from vigie.alerting import Hook
from vigie.archive import alert_posts, ids
from vigie.archive.alert_posts import PostRow
from vigie.settings import Settings

log = logging.getLogger("vigie.alerts")


def post_all(
    settings: Settings,
    desk: Database,
    moment: Callable[[], datetime],
    environment: Mapping[str, str] = os.environ,
) -> Counter[str]:
    """Try every post that is due, once; gives how many ended how.

    A post that was stopped half way is tried again with the same key, by which its receiver knows
    that it is the same. A hook that is no longer in the settings, or whose clearance was lowered,
    gets nothing more.
    """
    hooks = {one.id: one for one in settings.hooks if one.active}
    counts: Counter[str] = Counter()
    for row in alert_posts.posts_due(desk, moment()):
        to = hooks.get(row.hook)
        if to is None or row.tlp.rank > to.clearance.rank:
            alert_posts.settle_post(desk, row, "refused", "no such hook now", moment())
            counts["refused"] += 1
            continue
        alert_posts.settle_post(desk, row, "sending", "", moment())
        answer = _tried(settings, to, row, moment(), environment)
        later = (
            hook.next_try(row.tries + 1, answer, moment()) if answer.state == "deferred" else None
        )
        state = "refused" if answer.state == "deferred" and later is None else answer.state
        alert_posts.settle_post(desk, row, state, answer.detail, moment(), later)
        counts[state] += 1
        if state != "sent":
            log.warning("%s of alerts, %s: %s", to.id, state, answer.detail)
    return counts


def content(settings: Settings, to: Hook, row: PostRow) -> tuple[Told, bytes]:
    """What is posted: the same bytes at each try."""
    shown = Shown(row.alert, row.rules, row.tlp, row.alert.revision > 1)
    told = Told(ids.alert(row.alert.key), shown)
    return told, feed.body(told, looks(settings, to.language), to.format)


def _tried(
    settings: Settings, to: Hook, row: PostRow, now: datetime, environment: Mapping[str, str]
) -> Answer:
    told, body = content(settings, to, row)
    if to.folder is not None:
        return _dropped(to, told, body)
    secret = environment.get(to.secret_env, "")
    if not secret:
        return Answer("deferred", f"the variable {to.secret_env} is not set")
    headers = {
        "Content-Type": feed.TYPES[to.format],
        "User-Agent": settings.collect.user_agent,
        "Idempotency-Key": f'"{feed.key(told, to.id)}"',
        "Vigie-Signature": feed.signature(secret, body, now),
    }
    allowed = partial(_is_outside, settings)
    return hook.post(to.url, body, headers, allowed)


def _is_outside(settings: Settings, ip: str) -> bool:
    return not is_inside(ip, settings.collect.allow_inside)


def _dropped(to: Hook, told: Told, body: bytes) -> Answer:
    """Written aside, then renamed: whoever watches the folder sees whole files only."""
    assert to.folder is not None  # noqa: S101 -- asked before
    ending = "xml" if to.format == "cap" else "json"
    path = to.folder / f"{told.id}-r{told.shown.alert.revision}.{ending}"
    try:
        to.folder.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".part")
        aside.write_bytes(body)
        aside.replace(path)
    except OSError as error:
        return Answer("deferred", f"{to.folder}: {error.strerror}")
    return Answer("sent", str(path.name))
