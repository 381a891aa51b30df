"""Languages: what is read, what is believed of a feed's word, what cannot be told."""

import pytest

from enrich.language import LanguageReader

TEXTS = {
    "fr": "La commission départementale examine demain le projet de digue devant Cabourg.",
    "nl": "De gemeenteraad bespreekt morgen het plan voor een nieuwe brug over de Schelde.",
    "de": "Der Stadtrat berät morgen über den Plan für eine neue Brücke über die Maas.",
    "en": "The county council will tomorrow discuss plans for a new bridge over the river.",
    "es": "El ayuntamiento estudiará mañana el proyecto de un nuevo puente sobre el río.",
    "it": "Il consiglio comunale esaminerà domani il progetto di un nuovo ponte sul fiume.",
}


@pytest.fixture(scope="module")
def reader() -> LanguageReader:
    return LanguageReader()


@pytest.mark.parametrize("code", TEXTS)
@pytest.mark.parametrize("declared", ["", "fr", "nl-BE", "EN_us"])
def test_a_sentence_is_read_whatever_was_declared(
    code: str, declared: str, reader: LanguageReader
) -> None:
    language = reader.read(TEXTS[code], declared)
    assert language.code == code, language.why
    assert 0.3 < language.confidence <= 1.0
    assert code in language.why


@pytest.mark.parametrize("text", ["", " ", "!", "7", "\x00\x01", "🎉🎉🎉"])
def test_too_little_text_has_the_declared_language_or_none(
    text: str, reader: LanguageReader
) -> None:
    said = reader.read(text, "nl")
    assert (said.code, said.confidence) == ("nl", 0.5)
    assert "as declared" in said.why
    unsaid = reader.read(text)
    assert (unsaid.code, unsaid.confidence) == ("und", 0.0)
    assert "none declared" in unsaid.why


def test_a_short_title_leans_on_what_was_declared(reader: LanguageReader) -> None:
    assert reader.read("Plan water", "nl").code == "nl"
    assert reader.read("Plan water", "en").code == "en"


def test_two_megabytes_of_one_letter_are_read_in_no_time(reader: LanguageReader) -> None:
    assert reader.read("x" * 2_000_000, "fr").confidence < 0.5


def test_the_revision_names_the_library(reader: LanguageReader) -> None:
    assert reader.revision.startswith("py3langid-")
