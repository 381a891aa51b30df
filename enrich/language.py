"""Which language a text is in, with a confidence and a reason.

py3langid was chosen among seven libraries on ../shared/data/lid (2026-11): 0.994 on 3,304 sentences
of eleven languages and 0.988 on 2,994 news titles of six words and more, at 3,000 texts a second.
docs/measuring.md has the table.
"""

from __future__ import annotations

from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np

from enrich.words import without_controls
from vigie.model import Language
from vigie.schema import LANGUAGES

# What else may come: without these everything would be one of the four. Languages that a European
# watch never meets are left out, for they only draw short titles away from the four.
_OTHERS = """
es it pt ca da sv no pl ro af la cs sk hr hu fi et lt lv tr id vi sq eu cy ga is eo lb el bg ru uk
ar fa he hi zh ja ko
"""
_PRIOR = 2.0  # how much likelier one of the four is than another; 2 of 1, 2, 4, 8 on the data above
_DECLARED = 3.0  # how much likelier the declared language is than another
_FULL_TRUST = 120  # letters from which on the declared language counts no more
_LETTERS = 3  # letters below which nothing can be read
_UNSURE = 0.1  # chance of the best language below which nothing is said
_MAX_CHARS = 1_000  # sure long before; each further character costs time


class LanguageReader:
    """Reads the language of short and long texts. The model (2 MB, 0.8 s) is loaded when needed."""

    @cached_property
    def revision(self) -> str:
        """Library and version; the rules here have a number of their own."""
        return f"py3langid-{version('py3langid')}-r2"

    def load(self) -> None:
        """Load the model now; most of it is unpacking, which other threads may use."""
        _identifier()

    def read(self, text: str, declared: str = "") -> Language:
        """The language of `text`; `declared` is an ISO 639-1 code, with or without a region.

        A declared language is evidence that weighs on short texts and nothing on long ones. With
        no letters to read it is all there is; with no declared one either the code is `und`.
        """
        said = declared.strip().lower().replace("_", "-").split("-")[0][:3]
        cut = without_controls(text[:_MAX_CHARS])
        letters = sum(map(str.isalpha, cut))
        if letters < _LETTERS:
            reason = "too little text to read"
            if said:
                return Language(said, 0.5, f"{reason}: {said} as declared")
            return Language("und", 0.0, f"{reason}, and none declared")
        ranked = self._ranked(cut, letters, said)
        code, chance = ranked[0]
        second, left = ranked[1]
        why = f"{code} {chance:.2f}, then {second} {left:.2f}, from {letters} letters"
        if chance < _UNSURE:
            return Language(said or "und", round(chance, 4), f"cannot tell: {why}")
        if said and said != code:
            why += f"; declared {said}"
        elif said:
            why += "; as declared"
        return Language(code, round(chance, 4), why)

    def _ranked(self, text: str, letters: int, said: str) -> list[tuple[str, float]]:
        """Languages with their chances, the likeliest first; the chances sum to 1."""
        trust = max(0.0, 1.0 - letters / _FULL_TRUST)
        weighed = {}
        for code, chance in _identifier().rank(text):
            weight = _PRIOR if code in LANGUAGES else 1.0
            if code == said:
                weight *= 1.0 + (_DECLARED - 1.0) * trust
            weighed[code] = float(chance) * weight
        total = sum(weighed.values()) or 1.0
        ranked = [(code, weight / total) for code, weight in weighed.items()]
        return sorted(ranked, key=lambda pair: (-pair[1], pair[0]))


@cache
def _identifier() -> Any:
    """One for all readers of the process: it is the same, and is only asked."""
    langid = import_module("py3langid.langid")  # 0.8 s: only where languages are read

    identifier: Any = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages([*LANGUAGES, *_OTHERS.split()])
    # Each text's rows would be widened from 16 bits anew; the sums are the same.
    identifier.nb_ptc = np.ascontiguousarray(identifier.nb_ptc, dtype=np.float32)
    return identifier
