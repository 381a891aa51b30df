"""Every word of the bulletin exists in the four languages, and keeps what stands in braces."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from digest import catalogue
from digest.render.template import source, template
from vigie.schema import LANGUAGES

PACKAGE = Path(str(resources.files("digest")))


def read(language: str) -> Catalog:
    both = Catalog(locale=language)
    for name in catalogue.FILES:
        with (PACKAGE / "locale" / language / "LC_MESSAGES" / name).open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                assert not message.id or message.id not in both, message.id
                both[message.id] = message
    return both


def asked_for() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(
        PACKAGE, method_map=[("**.py", "python"), ("**/templates/**.j2", "jinja2")]
    )
    return {
        tuple(part for part in message if part) if isinstance(message, tuple) else message
        for _file, _line, message, _comments, _context in found
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_fuzzy(language: str) -> None:
    for message in read(language):
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), message.id
        assert not message.fuzzy or not message.id, message.id
        if message.pluralizable:
            assert len(strings) == 2, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_code_and_templates_ask_for_is_what_the_catalogue_has(language: str) -> None:
    known = {message.id for message in read(language) if message.id}
    assert len(known) > 25
    assert asked_for() == known


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_keeps_the_placeholders(language: str) -> None:
    for message in read(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(re.findall(r"{\w+}", ids[-1]))
        assert all(set(re.findall(r"{\w+}", text)) == wanted for text in strings), message.id


def test_french_has_non_breaking_spaces_before_high_punctuation() -> None:
    for message in read("fr"):
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for text in strings if message.id else ():
            assert not re.search(r"[^\u00a0\u202f][:;!?»]", text), text
            assert not re.search(r"«[^\u00a0\u202f]", text), text


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="no bulletin in 'es'"):
        catalogue.translator("es")


def test_templates_know_no_undefined_name_and_escape_markup() -> None:
    assert template("bulletin.mjml.j2", markup=True).environment.autoescape is True
    for name in ("bulletin.mjml.j2", "bulletin.txt.j2"):
        assert b"|safe" not in source(name).replace(b" ", b"")
        with pytest.raises(Exception, match=r"'wrap' is undefined|'page' is undefined"):
            template(name, markup=name.endswith("mjml.j2")).render()
