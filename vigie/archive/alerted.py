"""What was alerted, as the public archive has it: never to whom."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from vigie.archive import ids
from vigie.archive.connect import transaction
from vigie.archive.moments import from_text, to_text
from vigie.model import AdvisoryNamed, Alerted, AlertKind, ArticleId, Severity


@dataclass(frozen=True, slots=True)
class WentOut:
    """A revision of an alert whose first copy has left."""

    key: str
    kind: AlertKind
    revision: int
    at: datetime
    article: ArticleId
    article_revision: int
    severity: Severity = Severity.UNSAID
    severity_why: str = ""
    cves: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    advisories: tuple[AdvisoryNamed, ...] = ()
    story: str = ""
    sources: int = 0


def record(db: Database, went: Iterable[WentOut]) -> None:
    """Write down revisions that went out; once or ten times gives the same."""
    with transaction(db):
        for one in went:
            db.execute(
                "INSERT INTO alerts (public_id, key, kind) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [ids.alert(one.key), one.key, one.kind.value],
            )
            db.execute(
                """INSERT INTO alert_revisions
                   SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM alerts WHERE key = ?
                   ON CONFLICT DO NOTHING""",
                [
                    *(one.revision, to_text(one.at), one.article, one.article_revision),
                    *(one.severity.value, one.severity_why, _json(one.cves), _json(one.vendors)),
                    _json((a.issuer, a.reference, a.revision, a.url) for a in one.advisories),
                    *(one.story, one.sources, one.key),
                ],
            )


def between(db: Database, start: datetime, end: datetime) -> list[Alerted]:
    """Alerts of which a revision went out from `start` on and before `end`, each as it then stood.

    The gravest first, then the latest. It holds nobody's data: it may stand in a public issue.
    """
    rows = db.query(
        """SELECT l.public_id, l.kind, v.*, r.title, a.url, s.title AS source,
               (SELECT min(f.at) FROM alert_revisions f WHERE f.alert_id = l.id) AS first_at
           FROM alerts l
           JOIN alert_revisions v ON v.alert_id = l.id AND v.n = (
               SELECT max(x.n) FROM alert_revisions x
               WHERE x.alert_id = l.id AND x.at >= :start AND x.at < :end)
           JOIN articles a ON a.id = v.article_id
           JOIN revisions r ON r.article_id = v.article_id AND r.n = v.article_revision
           JOIN sources s ON s.id = a.source_id""",
        {"start": to_text(start), "end": to_text(end)},
    )
    found = [_alerted(row) for row in rows]
    found.sort(key=lambda one: one.id)
    return sorted(found, key=lambda one: (one.severity.rank, one.last_at), reverse=True)


def _alerted(row: dict[str, object]) -> Alerted:
    text = {name: str(value) for name, value in row.items()}
    return Alerted(
        id=text["public_id"],
        kind=AlertKind(text["kind"]),
        revision=int(text["n"]),
        first_at=from_text(text["first_at"]),
        last_at=from_text(text["at"]),
        article=int(text["article_id"]),
        article_revision=int(text["article_revision"]),
        title=text["title"],
        url=text["url"],
        source=text["source"],
        severity=Severity(text["severity"]),
        severity_why=text["severity_why"],
        cves=tuple(json.loads(text["cves"])),
        vendors=tuple(json.loads(text["vendors"])),
        advisories=tuple(AdvisoryNamed(*one) for one in json.loads(text["advisories"])),
        story=text["story"],
        sources=int(text["sources"]),
    )


def _json(values: Iterable[object]) -> str:
    return json.dumps(list(values), ensure_ascii=False)
