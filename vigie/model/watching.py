"""What is remembered of sources between two polls, and how they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from vigie.model.incoming import Failure
from vigie.model.words import SourceId


@dataclass(frozen=True, slots=True)
class PollState:
    """What is remembered of a source between two polls."""

    next_due: datetime
    etag: str = ""
    last_modified: str = ""
    last_polled: datetime | None = None
    last_ok: datetime | None = None
    ill_since: datetime | None = None
    failures: int = 0  # in a row
    failure: Failure | None = None  # the last one, None when the last poll went well
    moved_to: str = ""  # where the source has said it now lives
    moved_seen: int = 0  # how many polls in a row said so
    url: str = ""  # the address in force after a confirmed move; "" is the declared one
    moved_at: datetime | None = None  # since when `url` is in force
    since_full: int = 0  # "not modified" answers since a whole one
    last_full: datetime | None = None  # when the whole feed last came
    ttl: float | None = None  # seconds; what the feed last asked for, as are the next two
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    norm: float | None = None  # seconds between two of its items, the usual gap; None: not known
    last_item: datetime | None = None  # the date of its newest item, or when one last came
    spared_at: datetime | None = None  # since when local outages excuse its failures
    retired_at: datetime | None = None  # when the server said 410 Gone
    retired_why: str = ""
    notice: str = ""  # what was amiss though the last whole poll went well


@dataclass(frozen=True, slots=True)
class TdmRule:
    """One entry of a host's /.well-known/tdmrep.json."""

    location: str  # a path, in which * and a final $ mean what they mean in robots.txt
    reserved: bool
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a source's host asks of machines: robots.txt, and text and data mining (TDMRep)."""

    checked_at: datetime
    robots: str = "unknown"  # for the polled address: none, allows, disallows, unknown
    robots_detail: str = ""
    tdm: bool = False  # text and data mining of what is polled is reserved
    tdm_from: str = ""  # what said so: file, header
    tdm_policy: str = ""
    rules: tuple[TdmRule, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is recorded of a source, and its health is judged by."""

    source: SourceId
    active: bool
    rhythm: str  # as declared
    added_at: datetime
    state: PollState
    duplicates: float | None = None  # share of what it carried that others had; None: nothing
    kept: float | None = None  # share of what it carried that a coordinator keeps
    paused_until: date | None = None  # not polled before that day
    stopped_at: datetime | None = None  # when it was paused or taken out
    note: str = ""  # why, in the coordinator's words


class HealthState(StrEnum):
    """How a source is, in one word."""

    WELL = "well"
    NEW = "never polled"
    PAUSED = "paused"
    MOVED = "moved"
    LATE = "late"
    SILENT = "silent"
    ILL = "ill"
    REFUSED = "refused"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a source is as it is, in parts from which any language makes its sentence."""

    failure: Failure | None = None
    times: int = 0  # failures in a row
    quiet: float | None = None  # seconds since its last item
    norm: float | None = None  # seconds between two, as usual
    moved_to: str = ""
    until: date | None = None  # of a pause; None: until it is resumed
    note: str = ""  # a person's own words, in their own language


@dataclass(frozen=True, slots=True)
class Health:
    """How a source is, since when, and why, in words that a coordinator can use."""

    source: SourceId
    state: HealthState
    since: datetime | None
    why: str  # "" when well and nothing is amiss
    last_item: datetime | None
    norm: float  # seconds between two items: its own, else the declared rhythm's
    duplicates: float | None
    kept: float | None
    reason: Reason | None = None  # the same as `why`, for whoever says it in another language
