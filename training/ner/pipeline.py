"""The blank pipeline that is trained: a tokenizer for four languages, tok2vec and ner."""

from __future__ import annotations

import re
from typing import Any

from enrich.blank import spacy_without_torch
from enrich.trained import set_word_features

LABELS = ("PER", "LOC", "ORG")
_CONFIG = """
[nlp]
lang = "xx"
pipeline = ["ner"]
batch_size = 256

[components]

[components.ner]
factory = "ner"

[components.ner.model]
@architectures = "spacy.TransitionBasedParser.v2"
state_type = "ner"
extra_state_tokens = false
hidden_width = 64
maxout_pieces = 2
use_upper = true

[components.ner.model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"

[components.ner.model.tok2vec.embed]
@architectures = "spacy.MultiHashEmbed.v2"
width = {width}
attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE", "TAG"]
rows = [{rows}, 5000, 4000, 1000, 200]
include_static_vectors = false

[components.ner.model.tok2vec.encode]
@architectures = "spacy.MaxoutWindowEncoder.v2"
width = {width}
depth = {depth}
window_size = 1
maxout_pieces = {pieces}
"""

# A name ends at any mark: NAVO-top, PSG/Lille and l'Élysée come apart. An elided article keeps its
# apostrophe and is a word of its own (the match is empty: a cut without a token).
_ELIDED = r"(?<=\b[ldjnsmtcLDJNSMTC]['’])(?=\w)|(?<=\b[qQ]u['’])(?=\w)"
_INFIXES = (
    _ELIDED,
    r"(?<=[^\W\d_])['’](?=[sS]\b)",
    r"(?<=\w)[-‐‑–—/+&:;,!?()\[\]«»“”\"*=|<>~](?=\w)",
    r"(?<=[^\W\d_])[.…](?=[^\W\d_]{2})",
    r"(?<=\w['’])[«“\"(]",
    r"…|\.\.\.",
)
_MARKS = r"[^\w\s]"


def blank(width: int = 128, depth: int = 4, rows: int = 30_000, pieces: int = 2) -> Any:
    """The pipeline without weights: every row of its tables is a hash of word, ends and shape."""
    spacy = spacy_without_torch()
    config = spacy.util.Config().from_str(
        _CONFIG.format(width=width, depth=depth, rows=rows, pieces=pieces), interpolate=False
    )
    nlp = spacy.util.load_model_from_config(config, auto_fill=True, validate=True)
    nlp.tokenizer = tokenizer(nlp.vocab)
    set_word_features(nlp)
    ner = nlp.get_pipe("ner")
    for label in LABELS:
        ner.add_label(label)
    return nlp


def tokenizer(vocab: Any) -> Any:
    """spaCy's own tokenizer with rules that serve four languages alike."""
    spacy = spacy_without_torch()
    return spacy.tokenizer.Tokenizer(
        vocab,
        rules={},
        prefix_search=re.compile(rf"^(?:\.\.\.|{_MARKS})").search,
        suffix_search=re.compile(rf"(?:\.\.\.|(?<=\w)['’]s|{_MARKS})$").search,
        infix_finditer=re.compile("|".join(_INFIXES)).finditer,
    )
