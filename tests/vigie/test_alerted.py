"""What the public archive keeps of alerts: each once, by date, and nobody's data."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vigie.archive import alerted
from vigie.archive.alerted import WentOut
from vigie.model import AdvisoryNamed, AlertKind, Severity

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)  # the fake archive's
DAY = timedelta(days=1)
NAMED = AdvisoryNamed("CERT-FR", "CERTFR-2026-AVI-0001", "2026-11-20", "https://cert.example/1")


@pytest.fixture
def first(archive) -> WentOut:
    article = archive.carries("https://cert.example/1", "Vulnérabilité dans X")
    said = ("high", "Exécution de code arbitraire")
    return WentOut(
        *("cert-fr certfr-2026-avi-0001", AlertKind.ADVISORY, 1, NOW, article, 1),
        *(Severity(said[0]), said[1], ("CVE-2026-1",), ("X",), (NAMED,)),
    )


def test_an_alert_recorded_twice_stands_once(archive, first: WentOut) -> None:
    alerted.record(archive.db, [first, first])
    alerted.record(archive.db, [replace(first, at=NOW + DAY)])
    (found,) = alerted.between(archive.db, NOW, NOW + DAY)
    assert (found.revision, found.first_at, found.last_at) == (1, NOW, NOW)
    assert found.id.startswith("al-")
    assert found.advisories == (NAMED,)
    assert (found.title, found.source, found.cves) == (
        *("Vulnérabilité dans X", "Le Phare"),
        ("CVE-2026-1",),
    )


@pytest.mark.parametrize(
    ("start", "end", "revisions"),
    [
        (NOW, NOW + 3 * DAY, [2]),
        (NOW, NOW + DAY, [1]),
        (NOW + DAY, NOW + 3 * DAY, [2]),
        (NOW - DAY, NOW, []),
        (NOW + 3 * DAY, NOW + 9 * DAY, []),
    ],
    ids=["whole", "before the update", "the update alone", "the end is not in it", "after"],
)
def test_a_quarter_has_what_went_out_in_it_as_it_then_stood(
    archive, first: WentOut, start: datetime, end: datetime, revisions: list[int]
) -> None:
    alerted.record(archive.db, [first, replace(first, revision=2, at=NOW + 2 * DAY)])
    assert [one.revision for one in alerted.between(archive.db, start, end)] == revisions


def test_the_gravest_stand_first_then_the_latest(archive, first: WentOut) -> None:
    others = [
        replace(first, key="b", severity=Severity.CRITICAL),
        replace(first, key="c", severity=Severity.UNSAID),
        replace(first, key="d", at=NOW + DAY),
    ]
    alerted.record(archive.db, [first, *others])
    found = alerted.between(archive.db, NOW, NOW + 2 * DAY)
    said = [(one.severity.value, one.last_at) for one in found]
    assert said == [("critical", NOW), ("high", NOW + DAY), ("high", NOW), ("", NOW)]


def test_the_view_tells_an_alert_as_it_last_went_out(archive, first: WentOut) -> None:
    alerted.record(archive.db, [first, replace(first, revision=2, at=NOW + DAY)])
    (row,) = archive.db.query("SELECT * FROM alert_list")
    assert (row["revision"], row["first_at"][:10], row["last_at"][:10]) == (
        *(2, "2026-11-20"),
        "2026-11-21",
    )
