"""Texts that no writer meant: each has a clear outcome, with its reason, and the item is kept."""

from __future__ import annotations

import pytest

from app.folder import write_starter
from enrich.reading import Reader
from vigie.model import Reading, ReadingJob
from vigie.settings import Settings, load

BASE = "La mairie de Rouen a été touchée par un rançongiciel, dit l'ANSSI, qui cite CVE-2026-12345."


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    write_starter(home)
    return load(home)


@pytest.fixture(scope="module")
def reader(settings: Settings) -> Reader:
    return Reader(settings)


def read(reader: Reader, title: str, text: str = "", declared: str = "") -> Reading:
    (reading,) = reader.read([ReadingJob(1, 1, title, "", text, declared_language=declared)])
    assert reading.article == 1
    assert reading.language.why
    assert all(m.why for m in reading.mentions)
    assert all(r.why for r in reading.references)
    return reading


def nothing(reading: Reading) -> bool:
    return not (reading.mentions or reading.themes or reading.references)


def test_an_empty_text(reader: Reader) -> None:
    reading = read(reader, "")
    assert nothing(reading)
    assert (reading.language.code, reading.language.confidence) == ("und", 0.0)
    assert "none declared" in reading.language.why
    assert read(reader, "", declared="nl-BE").language.code == "nl"


def test_one_character(reader: Reader) -> None:
    for character in "aÀ1?\u00a0🎉\u0301ß":
        reading = read(reader, character)
        assert nothing(reading)
        assert reading.language.code == "und"
        assert "too little text" in reading.language.why


def test_two_megabytes_of_one_word(reader: Reader) -> None:
    assert nothing(read(reader, "Alerte", "rançongiciel" * 170_000))
    often = read(reader, "Alerte", "rançongiciel " * 170_000)
    assert [hit.theme for hit in often.themes][:1] == ["cyber"]


# title, text, declared language: what is read as the text's language. Nothing else must be found.
SENSELESS = {
    "a megabyte of accents": ("é" * 1_000_000, "", "fr", "fr"),
    "two megabytes of figures": ("", "1" * 2_000_000, "", "und"),
    "a megabyte of single figures": ("", "1 " * 1_000_000, "fr", "fr"),
    "full stops": ("", "." * 2_000_000, "de", "de"),
    "hyphens": ("a-" * 500_000, "", "", "und"),
    "apostrophes": ("", "l'" * 1_000_000, "nl", "nl"),
    "lines": ("\n" * 2_000_000, "\t" * 1_000, "", "und"),
    "emoji": ("🎉" * 500_000, "", "en", "en"),
    "letters under marks": ("e\u0301\u0301" * 300_000, "", "fr", "fr"),
    "half characters": ("\ud800" * 10, "\udfff\u200b\ufeff", "", "und"),
}


@pytest.mark.parametrize("case", SENSELESS)
def test_senseless_texts_are_kept_and_say_nothing(case: str, reader: Reader) -> None:
    title, text, declared, code = SENSELESS[case]
    reading = read(reader, title, text, declared)
    assert nothing(reading)
    assert reading.language.code == code
    assert "too little text" in reading.language.why


def test_what_is_said_a_hundred_thousand_times_is_read_within_the_caps(reader: Reader) -> None:
    for text in ("faille dans Loutre " * 100_000, "faille\n" + "Loutre version 2\n" * 100_000):
        reading = read(reader, "Alerte", text)
        assert reading.language.code == "fr"
        assert all(mention.end <= 20_000 for mention in reading.mentions)


def test_right_to_left_and_emoji(reader: Reader) -> None:
    arabic = read(reader, "\u202eميناء روان يتعرض لهجوم إلكتروني كبير هذا الصباح\u202c 🎉")
    assert arabic.language.code == "ar"
    assert arabic.themes == ()
    mixed = read(reader, f"🎉🇫🇷 {BASE} 👩‍💻")
    assert mixed.language.code == "fr"
    assert {"rouen", "anssi"} <= {m.entity for m in mixed.mentions}


def test_a_wrong_declared_language_is_overruled_and_told(reader: Reader) -> None:
    reading = read(reader, BASE, declared="de")
    assert reading.language.code == "fr"
    assert "declared" in reading.language.why
    assert read(reader, BASE, declared="klingon").language.code == "fr"


def test_mixed_languages_are_one_with_less_confidence(reader: Reader) -> None:
    dutch = "De haven van Antwerpen is gesloten na een cyberaanval, zegt de burgemeester vandaag."
    reading = read(reader, BASE, dutch)
    assert reading.language.code in ("fr", "nl")
    assert {"rouen", "anssi"} <= {m.entity for m in reading.mentions}
    assert [one.value for one in reading.references if one.kind == "cve"] == ["CVE-2026-12345"]


def test_left_overs_of_html(reader: Reader) -> None:
    reading = read(reader, f'<p class="x">{BASE}</p>&nbsp;&amp;<br/><script>alert(1)</script>')
    assert reading.language.code == "fr"
    assert {"rouen", "anssi"} <= {m.entity for m in reading.mentions}
    assert "cyber" in {hit.theme for hit in reading.themes}


def test_control_characters_count_as_spaces(reader: Reader) -> None:
    text = BASE.replace(" ", "\x00 \x1b").replace("Rouen", "Rouen\x07")
    reading = read(reader, text)
    assert {"rouen", "anssi"} <= {m.entity for m in reading.mentions}
    for mention in reading.mentions:
        assert text[mention.start : mention.end] == mention.surface
