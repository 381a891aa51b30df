"""What a host asks of machines: robots.txt, and reservations of text and data mining. Pure.

A reservation (TDMRep, Directive (EU) 2019/790, article 4) may stand in the host's
/.well-known/tdmrep.json, in an answer's headers or in a page's meta tags. It does not forbid to
link: the link stays, the body goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from protego import Protego

from vigie.model import Fetched, FetchJob, Item, Reservation, TdmRule

EVERY = timedelta(days=7)
_SECONDS = 8.0  # a host that does not answer these soon is taken to ask nothing
_ROBOTS, _TDM = "/robots.txt", "/.well-known/tdmrep.json"
_MOST_RULES = 200
_MOST_BYTES = 512_000  # RFC 9309 asks for at least 500 KiB of robots.txt
_HEAD = 50_000  # bytes of a page in which its meta tags stand
_META = re.compile(
    rb"<meta\b(?=[^>]{0,500}?\bname\s*=\s*[\"']?tdm-reservation\b)"
    rb"(?=[^>]{0,500}?\bcontent\s*=\s*[\"']?\s*1\b)",
    re.IGNORECASE,
)


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_due(known: Reservation | None, now: datetime) -> bool:
    return known is None or now - known.checked_at >= EVERY


def jobs(host: str) -> list[FetchJob]:
    """What a host is asked for, under keys that no source can bear. `host` is an `origin`."""
    return [
        FetchJob(_key(place, host), host + place, accept="any", seconds=_SECONDS)
        for place in (_TDM, _ROBOTS)
    ]


def _key(place: str, host: str) -> str:
    return f"{place} {host}"


def heard(
    url: str,
    answers: dict[str, Fetched],
    known: Reservation | None,
    user_agent: str,
    now: datetime,
) -> Reservation:
    """What the answers to a host's `jobs`, by their keys, say for the polled address `url`.

    Where the host does not answer, what it said last stands.
    """
    host = origin(url)
    rules = _rules(answers.get(_key(_TDM, host)))
    if rules is None:
        rules = known.rules if known else ()
    robots, detail = _robots(answers.get(_key(_ROBOTS, host)), url, user_agent)
    rule = rule_for(rules, url)
    told = Reservation(now, robots, detail, rules=rules)
    if rule and rule.reserved:
        return replace(told, tdm=True, tdm_from="file", tdm_policy=rule.policy)
    return told


def by_header(known: Reservation, fetched: Fetched) -> Reservation:
    """With what the polled address itself says in its headers, which goes before the file."""
    if fetched.tdm == "1":
        return replace(known, tdm=True, tdm_from="header", tdm_policy=fetched.tdm_policy)
    if fetched.tdm == "0" or (known.tdm_from == "header" and fetched.status == 200):
        return replace(known, tdm=False, tdm_from="", tdm_policy="")
    return known


def reserves(known: Reservation, url: str, item: Item) -> bool:
    """Say whether text and data mining of an item of the source polled at `url` is reserved."""
    if known.tdm:
        return True
    if not known.rules or not item.url or origin(item.url) != origin(url):
        return False
    rule = rule_for(known.rules, item.url)
    return rule is not None and rule.reserved


def of_page(fetched: Fetched) -> str:
    """Who reserves text and data mining of a page: its header, its meta tag, or ""."""
    if fetched.tdm == "1":
        return "its header tdm-reservation"
    return "its meta tag tdm-reservation" if _META.search(fetched.body[:_HEAD]) else ""


def rule_for(rules: Iterable[TdmRule], url: str) -> TdmRule | None:
    """The first rule, in the file's order, whose location the address's path matches."""
    path = urlsplit(url).path or "/"
    return next((rule for rule in rules if _matches(rule.location, path)), None)


def _matches(location: str, path: str) -> bool:
    """Without regular expressions: a pattern is its host's, and may be made to run for ever."""
    pattern, exact = (location[:-1], True) if location.endswith("$") else (location, False)
    first, *rest = pattern.split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, part in enumerate(rest, 1):
        if exact and number == len(rest):
            return path.endswith(part) and len(path) - len(part) >= at
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not exact or at == len(path)


def _rules(answer: Fetched | None) -> tuple[TdmRule, ...] | None:
    """None where the host did not answer; no rule where it has none that can be read."""
    if answer is None or (answer.failure and not 400 <= answer.status < 500):
        return None
    if answer.failure:
        return ()
    try:
        document: Any = json.loads(answer.body[:_MOST_BYTES])
    except (ValueError, RecursionError):
        return ()
    entries = document if isinstance(document, list) else [document]
    return tuple(rule for rule in map(_rule, entries[:_MOST_RULES]) if rule)


def _rule(entry: Any) -> TdmRule | None:
    if not isinstance(entry, dict) or entry.get("tdm-reservation") not in (0, 1, "0", "1"):
        return None
    location, policy = entry.get("location", "/"), entry.get("tdm-policy", "")
    if not isinstance(location, str) or len(location) > 1000:
        return None
    location = location if location.startswith(("/", "*")) else f"/{location}"
    policy = policy if isinstance(policy, str) else ""
    return TdmRule(location, str(entry["tdm-reservation"]) == "1", policy[:1000])


def _robots(answer: Fetched | None, url: str, user_agent: str) -> tuple[str, str]:
    if answer is None:
        return "unknown", "robots.txt was not asked"
    if answer.failure and 400 <= answer.status < 500:
        return "none", ""
    if answer.failure:
        return "unknown", f"robots.txt: {answer.failure.detail}"
    text = answer.body[:_MOST_BYTES].decode("utf-8", "replace")
    allowed = Protego.parse(text).can_fetch(url, user_agent)
    return ("allows" if allowed else "disallows"), ""
