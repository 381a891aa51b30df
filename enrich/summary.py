"""A story in a few sentences of its own articles, each with the article that it is from. Pure.

Extractive: a sentence is taken as it stands, or not at all. It is chosen by

    worth = centroid + LEAD / (1 + place) + ECHO x echoes

centroid  cosine of the sentence with the mean of the story's sentences, as TF-IDF over the story
          (Radev and others, "Centroid-based summarization of multiple documents", 2004)
place     of the sentence in its article, from 0: newspapers say first what matters
echoes    share of the other articles that say nearly the same: told by several, it is the matter

and in turn, each time the sentence of the highest worth less what it repeats (maximal marginal
relevance: Carbonell and Goldstein, 1998); the first of an article wins a little. Sentences that say
nearly the same count once, by the words that the shorter one shares. Only sentences in the language
of the first text are taken.

Of a `link` source nothing is quoted; of any other, at most its cap in words, whole sentences only.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

import sentencex

from enrich.words import content_words
from vigie.model import ArticleId, Quoted, Rights

SENTENCES = 3
LEAD = 0.5
ECHO = 0.3
SPREAD = 0.1  # what a sentence wins that is the first of its article
REDUNDANCY = 1.0  # times the share of its words that a sentence taken before has
SAME = 0.7  # of the shorter sentence's words: from then on both say the same
_SHORTEST, _LONGEST = 5, 60  # words of a sentence that is worth quoting
_SAYS = 4  # different words of its matter that it must have
_JOINED = re.compile(  # a full stop that ends no sentence, where sentencex takes it for one
    r"(?:^|[\s(«“\"'’])(?:M|MM|Mme|Mlle|Me|Mgr|St|Ste|Dr|Pr|no|nos|art|al|env|p|pp|vol|chap|"
    r"[A-Z]|o\.a|m\.b\.t|m\.a\.w|t\.a\.v|dhr|mevr|mw|ir|ing|drs|bv|nr|z\.B|u\.a|d\.h|bzw|ca|vgl|"
    r"Nr|Hr|Fr|Abs|Mr|Mrs|Ms|Inc|Ltd|vs|cf)\.\s*$",
)
_CUT_OFF = ("…", "...", "[…]", "[...]")
_TERMINAL = re.compile(r"[.!?](?:\s?[»”\"’')\]])*$")


@dataclass(frozen=True, slots=True)
class Telling:
    """One article of the story, with what may be quoted of it."""

    article: ArticleId
    url: str
    source: str  # its title
    language: str
    rights: Rights
    text: str  # plain; paragraphs parted by line ends


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    telling: int  # which of the tellings
    place: int  # in it, from 0
    weights: Mapping[str, float]  # of its words, of length 1

    @property
    def words(self) -> int:
        return len(self.text.split())


def summary(
    tellings: Sequence[Telling], caps: Mapping[Rights, int], sentences: int = SENTENCES
) -> tuple[Quoted, ...]:
    """The story in at most `sentences` sentences, those of one article one after another.

    `caps`: how many words may be quoted of an article of each kind of rights; what is not named is
    not quoted. The first telling is the story's main one; its language is the summary's.
    """
    quotable = [
        one for one in tellings if caps.get(one.rights, 0) and one.language == tellings[0].language
    ]
    pool = _weighed(list(_split(quotable)))
    groups = _alike(pool)
    worth = _worths(pool, groups, len(quotable))
    taken: list[int] = []
    spent: Counter[int] = Counter()
    while len(taken) < sentences:
        said = {groups[one] for one in taken}
        open_ = [
            index
            for index, one in enumerate(pool)
            if groups[index] not in said
            and spent[one.telling] + one.words <= caps[quotable[one.telling].rights]
        ]
        if not open_:
            break
        best = max(open_, key=lambda i: (worth[i] + _gain(pool, taken, i), -i))
        taken.append(best)
        spent[pool[best].telling] += pool[best].words
    ordered = sorted(taken, key=lambda i: (pool[i].telling, pool[i].place))
    return tuple(_quoted(pool[index], quotable) for index in ordered)


def split(text: str, language: str) -> list[str]:
    """A text's sentences, each on one line; a paragraph's end ends a sentence."""
    found: list[str] = []
    for paragraph in text.splitlines():
        held = ""
        for piece in sentencex.segment(language, " ".join(paragraph.split())):
            held += str(piece)
            if not _JOINED.search(held.rstrip()):
                found.append(held.strip())
                held = ""
        found.append(held.strip())
    return [one for one in found if one]


def _split(tellings: Sequence[Telling]) -> Iterator[tuple[int, int, str]]:
    """(telling, place, sentence) of whole sentences that can stand alone."""
    for number, telling in enumerate(tellings):
        place = 0
        for text in split(telling.text, telling.language):
            whole = _TERMINAL.search(text) and not text.endswith(_CUT_OFF)
            says = len(set(content_words(text))) >= _SAYS
            if whole and says and _SHORTEST <= len(text.split()) <= _LONGEST:
                yield number, place, text
                place += 1


def _weighed(found: Sequence[tuple[int, int, str]]) -> list[_Sentence]:
    """TF-IDF over the story's sentences, each of length 1."""
    counts = [Counter(content_words(text)) for _, _, text in found]
    frequency = Counter(word for count in counts for word in count)
    result = []
    for (telling, place, text), count in zip(found, counts, strict=True):
        raw = {w: (1 + log(n)) * log(1 + len(found) / frequency[w]) for w, n in count.items()}
        length = sqrt(sum(value * value for value in raw.values())) or 1.0
        weights = {word: value / length for word, value in raw.items()}
        result.append(_Sentence(text, telling, place, weights))
    return result


def _worths(pool: Sequence[_Sentence], groups: Sequence[int], tellings: int) -> list[float]:
    centre: defaultdict[str, float] = defaultdict(float)
    for one in pool:
        for word, value in one.weights.items():
            centre[word] += value
    length = sqrt(sum(value * value for value in centre.values())) or 1.0
    tellers: dict[int, set[int]] = {}
    for one, group in zip(pool, groups, strict=True):
        tellers.setdefault(group, set()).add(one.telling)
    return [
        sum(value * centre[word] for word, value in one.weights.items()) / length
        + LEAD / (1 + one.place)
        + ECHO * (len(tellers[group]) - 1) / max(1, tellings - 1)
        for one, group in zip(pool, groups, strict=True)
    ]


def _alike(pool: Sequence[_Sentence]) -> list[int]:
    """For each sentence the first that says nearly the same, itself where none does."""
    groups: list[int] = []
    for index, one in enumerate(pool):
        same = (other for other in range(index) if groups[other] == other)
        groups.append(next((o for o in same if _shared(one, pool[o]) >= SAME), index))
    return groups


def _shared(one: _Sentence, other: _Sentence) -> float:
    """The share of the shorter sentence's words that the other has too."""
    both = len(one.weights.keys() & other.weights.keys())
    return both / (min(len(one.weights), len(other.weights)) or 1)


def _gain(pool: Sequence[_Sentence], taken: Sequence[int], index: int) -> float:
    """What a sentence loses for saying again what is said, and wins for being another's."""
    alike = max((_shared(pool[index], pool[one]) for one in taken), default=0.0)
    other = all(pool[one].telling != pool[index].telling for one in taken)
    return (SPREAD if taken and other else 0.0) - REDUNDANCY * alike


def _quoted(one: _Sentence, tellings: Sequence[Telling]) -> Quoted:
    telling = tellings[one.telling]
    return Quoted(one.text, telling.article, telling.url, telling.source)
