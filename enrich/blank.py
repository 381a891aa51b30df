"""spaCy without torch, and one blank pipeline for all languages.

thinc, which spaCy stands on, imports torch whenever it is installed: 2.7 s and 180 MB that a blank
pipeline never uses. Here the import is told that there is none; whoever imports torch afterwards
gets it, only thinc's torch bridge stays off in this process. Where torch is loaded already, nothing
is hidden.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import Any

from enrich.words import fold

_PIECE = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*|\S", re.UNICODE)
_SPACED = re.compile(rf"({_PIECE.pattern})( ?)", re.UNICODE)


@lru_cache(maxsize=1)
def spacy_without_torch() -> Any:
    """The module spacy. Raises ImportError where it is not installed."""
    hidden = "torch" not in sys.modules and "spacy" not in sys.modules
    if hidden:
        # None in sys.modules makes `import torch` an ImportError, which thinc takes for "no torch".
        sys.modules["torch"] = None  # type: ignore[assignment]  # the import system's own convention
    try:
        import spacy  # noqa: PLC0415 (1 s: only where entities are read)
    finally:
        if hidden:
            del sys.modules["torch"]
    return spacy


@lru_cache(maxsize=1)
def blank_pipeline() -> Any:
    """A blank pipeline that cuts every language alike: words, and each other character by itself.

    So l'Élysée, d'Anvers and NAVO-top come apart, and word boundaries are token boundaries. spaCy's
    own French tokenizer keeps some compounds together by an expression that takes 5 s to compile on
    each start (3.8.18); gazetteer names need none of it. NORM is the folded word.
    """
    spacy = spacy_without_torch()
    nlp = spacy.blank("xx")
    nlp.vocab.lex_attr_getters[spacy.attrs.NORM] = fold

    def tokenizer(text: str) -> Any:
        """Pieces in their order; spaces beyond one become a token, so that offsets stay true."""
        spaced = _SPACED.findall(text)
        words: list[str] = [word for word, _ in spaced]
        spaces: list[bool] = [space == " " for _, space in spaced]
        if sum(map(len, words)) + sum(spaces) == len(text):  # one space here and there: most texts
            return spacy.tokens.Doc(nlp.vocab, words=words, spaces=spaces)
        words, spaces = [], []
        end = 0
        for match in _PIECE.finditer(text):
            gap = text[end : match.start()]
            if gap.startswith(" ") and spaces:
                spaces[-1], gap = True, gap[1:]
            if gap:
                words.append(gap)
                spaces.append(False)
            words.append(match.group())
            spaces.append(False)
            end = match.end()
        return spacy.tokens.Doc(nlp.vocab, words=words, spaces=spaces)

    nlp.tokenizer = tokenizer
    return nlp
