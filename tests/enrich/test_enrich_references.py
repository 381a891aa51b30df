"""References: the table of cases, offsets, canonical values that meet, hostile texts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references_table import ROWS

from enrich.references import read
from enrich.references.known import EU_ACTS, EU_ACTS_IN, FRENCH_LAWS, may_name
from vigie.model import ReadingJob, ReferenceKind

AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)


def told(text: str, language: str = "fr", published: datetime | None = AT) -> list[str]:
    job = ReadingJob(1, 1, "", "", text, published=published)
    return [f"{one.kind.value} {one.value}" for one in read(job, language)]


@pytest.mark.parametrize(("language", "text", "expected"), ROWS)
def test_references_as_texts_write_them(language: str, text: str, expected: str) -> None:
    assert told(text, language) == [part for part in expected.split("; ") if part]


def test_the_table_is_large_and_has_negative_cases_in_every_language() -> None:
    assert len(ROWS) >= 150
    assert {language for language, _, expected in ROWS if not expected} == {"fr", "nl", "de", "en"}
    kinds = {pair.split()[0] for _, _, expected in ROWS for pair in expected.split("; ") if pair}
    assert kinds == {kind.value for kind in ReferenceKind}


def test_offsets_fields_and_reasons_are_true() -> None:
    texts = {
        "title": "CVE-2026-12345",
        "summary": "Coût : 3 M€",
        "text": "  loi du 30 juillet 2018",
    }
    found = read(ReadingJob(1, 1, **texts), "fr")
    assert [one.field for one in found] == ["title", "summary", "text"]
    for one in found:
        assert texts[one.field][one.start : one.end] == one.surface
        assert one.why
    assert found[1].number == 3_000_000


def test_what_counts_from_publication_needs_its_date() -> None:
    assert told("hier et il y a trois jours, le 12 décembre", published=None) == []
    assert told("le 12 décembre 2026", published=None) == ["date 2026-12-12"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["fr", "nl", "de", "en", "und"]))
def test_any_text_is_read(text: str, language: str) -> None:
    for one in read(ReadingJob(1, 1, text, "", "", published=AT), language):
        assert one.surface == text[one.start : one.end]


@pytest.mark.parametrize(
    "text", ["1" * 20_000, "1 000 " * 3_000, "€ " * 5_000, "il y a " * 3_000, "10.1000/" * 2_000]
)
def test_a_hostile_text_takes_no_time_to_speak_of(text: str) -> None:
    """Without backtracking these take milliseconds; with it, the test's own limit ends them."""
    told(text)


def test_the_quick_look_misses_no_name_of_an_act() -> None:
    for act in (*EU_ACTS, *FRENCH_LAWS, *(act for acts in EU_ACTS_IN.values() for act in acts)):
        if act.shape.search(act.name):
            assert may_name(act.name), act.name
