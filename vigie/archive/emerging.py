"""What rises by itself: signals with their evidence, how they went, and what people put to sleep.

One row an episode. A key is `kind:subject`, with `~2`, `~3` for an episode that came after a quiet
time. A snooze stands on the subject, so it holds for later episodes too; it is a public act under
a handle, like all decisions, and stands in the archive.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.errors import NotFoundError
from vigie.model import Emerging, EmergingKind, Strength, subject_of

_STRENGTHS = (Strength.STRONG, Strength.RISING, Strength.WEAK)


@dataclass(frozen=True, slots=True)
class Snooze:
    """Until when a subject is not shown, who said so, and why."""

    until: datetime
    who: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the window: what there was to test."""

    at: datetime
    articles: int
    past_days: float
    tested: int
    found: int
    said: str = ""  # why bursts were not looked for


@dataclass(frozen=True, slots=True)
class Episode:
    """A signal as it is kept."""

    signal: Emerging
    subject: str
    number: int  # 1 for the first time
    raised: datetime
    looked: datetime  # when it was last found to rise
    ended: datetime | None = None
    snooze: Snooze | None = None

    def asleep(self, now: datetime) -> bool:
        return self.snooze is not None and self.snooze.until > now


@dataclass(frozen=True, slots=True)
class Evidence:
    """An article that shows a signal."""

    article: str  # public id
    source: str  # its title
    published: datetime
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """A signal at one look."""

    at: datetime
    strength: Strength
    score: float
    texts: int
    expected: float
    sources: int


def between(
    db: Database, start: datetime, end: datetime, now: datetime | None = None
) -> list[Emerging]:
    """Signals whose evidence reaches into that time, the end not included, strongest first.

    Without those asleep at `now`, which is `end` where it is not given. A story that was merged
    away is given by the id that stands for it.
    """
    found = _episodes(
        db,
        "WHERE e.last_seen >= :start AND e.first_seen < :end",
        {"start": to_text(start), "end": to_text(end)},
    )
    awake = [one.signal for one in found if not one.asleep(now or end)]
    return sorted(awake, key=_strongest_first)


def lasting(db: Database) -> list[Episode]:
    """Episodes that have not ended, asleep ones too, strongest first."""
    found = _episodes(db, "WHERE e.ended_at IS NULL", {})
    return sorted(found, key=lambda one: _strongest_first(one.signal))


def raised_at(db: Database, moment: datetime) -> list[Emerging]:
    """What that look told for the first time, without those asleep, strongest first."""
    found = _episodes(db, "WHERE e.raised_at = :at", {"at": to_text(moment)})
    return sorted((one.signal for one in found if not one.asleep(moment)), key=_strongest_first)


def since(db: Database, start: datetime) -> list[Episode]:
    """Episodes whose evidence reaches past `start`, or that last, strongest first."""
    found = _episodes(
        db, "WHERE e.last_seen >= :start OR e.ended_at IS NULL", {"start": to_text(start)}
    )
    return sorted(found, key=lambda one: _strongest_first(one.signal))


def find(db: Database, key: str) -> Episode:
    """One episode. Raises NotFoundError."""
    found = _episodes(db, "WHERE e.key = :key", {"key": key})
    if not found:
        raise NotFoundError(f"no signal {key!r}; `vigie emerging --all` lists them")
    return found[0]


def last_numbers(
    db: Database, subjects: Iterable[tuple[EmergingKind, str]]
) -> dict[tuple[EmergingKind, str], int]:
    """The number of each subject's last episode, where it has one."""
    found = {}
    for kind, subject in subjects:
        (number,) = db.execute(
            "SELECT max(episode) FROM emerging WHERE kind = ? AND subject = ?",
            [kind.value, subject],
        ).fetchone()
        if number:
            found[kind, subject] = int(number)
    return found


def course(db: Database, key: str) -> list[Step]:
    """How a signal went, the first look first."""
    return [
        Step(from_text(at), Strength(strength), score, texts, expected, sources)
        for at, strength, score, texts, expected, sources in db.execute(
            """SELECT at, strength, score, texts, expected, sources
               FROM emerging_course WHERE key = ? ORDER BY at""",
            [key],
        )
    ]


def evidence(db: Database, key: str) -> list[Evidence]:
    """The articles that show a signal, the best first."""
    return [
        Evidence(article, source, from_text(published), title, url)
        for article, source, published, title, url in db.execute(
            """SELECT a.public_id, s.title, a.published, r.title, a.url
               FROM emerging_articles x JOIN articles a ON a.id = x.article_id
               JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
               JOIN sources s ON s.id = a.source_id WHERE x.key = ? ORDER BY x.place""",
            [key],
        )
    ]


def last_look(db: Database) -> Look | None:
    """The last look, or None before the first."""
    row = db.execute(
        """SELECT at, articles, past_days, tested, found, said
           FROM emerging_looks ORDER BY at DESC LIMIT 1"""
    ).fetchone()
    return Look(from_text(row[0]), *row[1:]) if row else None


def save(
    db: Database,
    signals: Sequence[Emerging],
    now: datetime,
    *,
    ended: Iterable[str] = (),
    look: Look | None = None,
) -> None:
    """Write what one look found, the keys that it found ended, and the look; one transaction.

    A signal whose key is known grows older. Strength, figures, reason and evidence stay those of
    its height, the look at which its score was highest; `course` has them all.
    """
    at = to_text(now)
    with transaction(db):
        for signal in signals:
            _write(db, signal, at)
        db.conn.executemany(
            "UPDATE emerging SET ended_at = ? WHERE key = ? AND ended_at IS NULL",
            [(at, key) for key in ended],
        )
        if look is not None:
            db.execute(
                "INSERT OR REPLACE INTO emerging_looks VALUES (?, ?, ?, ?, ?, ?)",
                [at, look.articles, look.past_days, look.tested, look.found, look.said],
            )


def snooze(  # one value for each column
    db: Database, key: str, until: datetime, *, who: str, why: str, now: datetime
) -> Episode:
    """Put a signal's subject to sleep until then. Raises NotFoundError."""
    return _say(db, key, to_text(until), who, why, now)


def wake(db: Database, key: str, *, who: str, why: str, now: datetime) -> Episode:
    """The way back from `snooze`. Raises NotFoundError."""
    return _say(db, key, "", who, why, now)


def _say(db: Database, key: str, until: str, who: str, why: str, now: datetime) -> Episode:
    kept = find(db, key)
    db.execute(
        """INSERT INTO emerging_snoozes (kind, subject, until, who, at, why)
           VALUES (?, ?, ?, ?, ?, ?)""",
        [kept.signal.kind.value, kept.subject, until, who, to_text(now), why],
    )
    return find(db, key)


def _write(db: Database, signal: Emerging, at: str) -> None:
    kind, subject, number = subject_of(signal.key)
    first, last = to_text(signal.first_seen), to_text(signal.last_seen)
    db.execute(
        """INSERT INTO emerging (key, kind, subject, episode, label, strength, score, first_seen,
               last_seen, raised_at, looked_at, why, texts, expected, sources, story, territories)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (key) DO UPDATE SET
               first_seen = min(first_seen, excluded.first_seen),
               last_seen = max(last_seen, excluded.last_seen), looked_at = excluded.looked_at,
               ended_at = NULL""",
        [
            *(signal.key, kind.value, subject, number, signal.label, signal.strength.value),
            *(signal.score, first, last, at, at, signal.why, signal.texts, signal.expected),
            *(signal.sources, signal.story, json.dumps(signal.territories)),
        ],
    )
    (height,) = db.execute("SELECT score FROM emerging WHERE key = ?", [signal.key]).fetchone()
    if signal.score >= height:
        _write_height(db, signal)
    db.execute(
        "INSERT OR REPLACE INTO emerging_course VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            *(signal.key, at, signal.strength.value, signal.score, signal.texts),
            *(signal.expected, signal.sources),
        ],
    )


def _write_height(db: Database, signal: Emerging) -> None:
    """What a signal is told by, and its evidence: as at the look where it was rarest by chance."""
    db.execute(
        """UPDATE emerging SET label = ?, strength = ?, score = ?, why = ?, texts = ?, expected = ?,
               sources = ?, story = ?, territories = ? WHERE key = ?""",
        [
            *(signal.label, signal.strength.value, signal.score, signal.why, signal.texts),
            *(signal.expected, signal.sources, signal.story, json.dumps(signal.territories)),
            signal.key,
        ],
    )
    db.execute("DELETE FROM emerging_articles WHERE key = ?", [signal.key])
    db.conn.executemany(
        "INSERT INTO emerging_articles (key, place, article_id) VALUES (?, ?, ?)",
        [(signal.key, place, article) for place, article in enumerate(signal.articles, 1)],
    )


_KEPT = """SELECT e.key, e.kind, e.subject, e.episode, e.label, e.strength, e.score, e.first_seen,
    e.last_seen, e.raised_at, e.looked_at, e.ended_at, e.why, e.texts, e.expected, e.sources,
    coalesce((SELECT f.to_id FROM forwards f WHERE f.public_id = e.story), e.story) AS story,
    e.territories,
    (SELECT json_group_array(x.article_id) FROM
        (SELECT article_id FROM emerging_articles WHERE key = e.key ORDER BY place) x) AS articles,
    (SELECT json_array(s.until, s.who, s.at, s.why) FROM emerging_snoozes s
     WHERE s.kind = e.kind AND s.subject = e.subject ORDER BY s.id DESC LIMIT 1) AS snooze
    FROM emerging e"""


def _episodes(db: Database, where: str, parameters: dict[str, object]) -> list[Episode]:
    return [_episode(row) for row in db.query(f"{_KEPT} {where}", parameters)]


def _episode(row: dict[str, str]) -> Episode:
    signal = Emerging(
        key=row["key"],
        kind=EmergingKind(row["kind"]),
        label=row["label"],
        strength=Strength(row["strength"]),
        score=float(row["score"]),
        first_seen=from_text(row["first_seen"]),
        last_seen=from_text(row["last_seen"]),
        why=row["why"],
        articles=tuple(json.loads(row["articles"])),
        sources=int(row["sources"]),
        story=row["story"],
        territories=tuple(json.loads(row["territories"])),
        texts=int(row["texts"]),
        expected=float(row["expected"]),
    )
    return Episode(
        signal=signal,
        subject=row["subject"],
        number=int(row["episode"]),
        raised=from_text(row["raised_at"]),
        looked=from_text(row["looked_at"]),
        ended=from_text(row["ended_at"]) if row["ended_at"] else None,
        snooze=_snooze(row["snooze"]),
    )


def _snooze(said: str | None) -> Snooze | None:
    if said is None:
        return None
    until, who, at, why = json.loads(said)
    return Snooze(from_text(until), who, from_text(at), why) if until else None


def _strongest_first(signal: Emerging) -> tuple[int, float, str]:
    return _STRENGTHS.index(signal.strength), -signal.score, signal.key
