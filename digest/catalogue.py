"""The words of bulletin and alerts in four languages, read from locale/<lang>/LC_MESSAGES/*.po.

Message ids are English. Catalogues are compiled in memory when first asked for, so that no .mo
file is committed or can be out of date.
"""

from __future__ import annotations

import gettext
import io
from functools import cache
from importlib import resources

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from vigie.schema import LANGUAGES

FILES = ("digest.po", "alerts.po")


@cache
def translator(language: str) -> gettext.GNUTranslations:
    """The catalogue of one of the four languages. Raises ValueError for any other code."""
    if language not in LANGUAGES:
        raise ValueError(f"no bulletin in {language!r}; one of {', '.join(LANGUAGES)}")
    folder = resources.files("digest") / "locale" / language / "LC_MESSAGES"
    catalogue = Catalog(locale=language)
    for name in FILES:
        with folder.joinpath(name).open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    catalogue[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def locale(language: str) -> Locale:
    """Babel's rules for dates and numbers, those of the British for English."""
    return Locale.parse("en_GB" if language == "en" else language)
