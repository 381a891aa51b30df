"""Dates as people write them, in four languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie import dates

AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Publié le 18 novembre 2026 à 14h30", "2026-11-18T14:30"),
        ("mis en ligne le 1er mars 2026", "2026-03-01T00:00"),
        ("12 févr. 2026", "2026-02-12T00:00"),
        ("20 août 2026", "2026-08-20T00:00"),
        ("18/11/2026", "2026-11-18T00:00"),
        ("02/11/2026 (jour avant mois)", "2026-11-02T00:00"),
        ("18.11.2026, 09:15 Uhr", "2026-11-18T09:15"),
        ("18. November 2026", "2026-11-18T00:00"),
        ("2. März 2026", "2026-03-02T00:00"),
        ("5. Jänner 2026", "2026-01-05T00:00"),
        ("3 maart 2026", "2026-03-03T00:00"),
        ("9 mei 2026 om 10:15", "2026-05-09T10:15"),
        ("1 mrt 2026", "2026-03-01T00:00"),
        ("November 18, 2026", "2026-11-18T00:00"),
        ("Posted 18 Nov 2026", "2026-11-18T00:00"),
        ("2026-11-18T10:00:00+01:00", "2026-11-18T09:00"),
        ("il y a 3 heures", "2026-11-20T04:30"),
        ("vor 2 Stunden", "2026-11-20T05:30"),
        ("2 uur geleden", "2026-11-20T05:30"),
        ("3 hours ago", "2026-11-20T04:30"),
        ("hier", "2026-11-19T07:30"),
        ("gisteren", "2026-11-19T07:30"),
        ("25 décembre", "2025-12-25T00:00"),  # the last one that has been
    ],
)
def test_a_date_is_found_and_read(text: str, expected: str) -> None:
    found = dates.find(text, AT)
    assert found is not None
    assert f"{found.astimezone(UTC):%Y-%m-%dT%H:%M}" == expected


@pytest.mark.parametrize("text", ["", "32/13/2026", "page 3 sur 12", "mai", "2026", "12 ports"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.find(text, AT) is None


@given(st.text(alphabet=list("0123456789./-: hierganov maitévorZT+"), max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read(text: str) -> None:
    found = dates.find(text, AT)
    assert found is None or found.tzinfo is not None
