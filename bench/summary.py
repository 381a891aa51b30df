"""ROUGE of summaries, ours beside lead-3 and others, on labelled data that others made.

    python bench/summary.py ../shared/data

One article: RTBF's texts against the standfirst that its editors wrote (French), and the pages of
pages-fundus that have one (French, German, Dutch, English). Several articles: the stories of the
gold set with three articles or more; each article in turn is left out, the others are summarised,
and its own text is what a summary should say. Every method has the same budget of sentences.

Words are compared without case, accents kept, by rouge-score without its English stemmer; figures
are means of F1 in hundredths. Where sumy is installed, its LexRank stands in the table too.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import mean

from rouge_score.rouge_scorer import RougeScorer

from enrich.summary import Telling, split, summary
from vigie.model import Rights

KINDS = ("rouge1", "rouge2", "rougeL")
OPEN = {Rights.FULL: 10_000}
STANDFIRST = (20, 80)  # words: shorter ones are kickers, longer ones are no standfirst
LANGUAGES = {
    "fr": "fr",
    "be": "",
    "ch": "",
    "lu": "",
    "de": "de",
    "at": "de",
    "uk": "en",
    "us": "en",
}
Method = Callable[[Sequence[Telling], int], str]


@dataclass(frozen=True)
class Case:
    """Texts, and what a summary of them should say."""

    tellings: tuple[Telling, ...]
    wanted: str
    sentences: int


class Words:
    """rouge-score's own tokenizer drops every letter that is not English."""

    def tokenize(self, text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())


def telling(number: int, text: str, language: str) -> Telling:
    return Telling(
        number, f"https://example.org/{number}", str(number), language, Rights.FULL, text
    )


def rtbf(data: Path) -> Iterator[Case]:
    for line in (data / "news-be-rtbf" / "articles.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if STANDFIRST[0] <= len(row["header"].split()) <= STANDFIRST[1] and len(row["text"]) > 600:
            yield Case((telling(1, row["text"], "fr"),), row["header"], 3)


def fundus(data: Path) -> Iterator[Case]:
    for path in sorted((data / "pages-fundus").glob("*/*.json")):
        language = LANGUAGES.get(path.parent.name, "")
        row = json.loads(path.read_text("utf-8"))
        body = (row[max(row)].get("body") or {}) if row else {}
        standfirst = " ".join(body.get("summary") or [])
        parts = [text for one in body.get("sections") or [] for text in one["paragraphs"]]
        if language and parts and len(standfirst.split()) >= 12:
            yield Case((telling(1, "\n".join(parts), language),), standfirst, 3)


def stories(data: Path) -> Iterator[Case]:
    members: dict[str, list[str]] = {}
    for line in (data / "gold" / "stories-fr-dev.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        text = re.sub(r"<[^>]+>", " ", row["description"] or "")
        if len(text.split()) >= 8:
            members.setdefault(row["story"], []).append(text)
    for texts in members.values():
        chosen = texts[:12]  # one story has 66: it shall not be the whole figure
        if len(chosen) < 3:
            continue
        for left_out, wanted in enumerate(chosen):
            rest = [text for place, text in enumerate(chosen) if place != left_out]
            yield Case(tuple(telling(n, t, "fr") for n, t in enumerate(rest)), wanted, 2)


def lead(tellings: Sequence[Telling], sentences: int) -> str:
    """The first sentences of the first article, and of the next where it has too few."""
    found = [text for one in tellings for text in split(one.text, one.language)]
    return " ".join(found[:sentences])


def ours(tellings: Sequence[Telling], sentences: int) -> str:
    return " ".join(one.text for one in summary(tellings, OPEN, sentences))


def lexrank(tellings: Sequence[Telling], sentences: int) -> str:
    """sumy's LexRank, on our sentences and words."""
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence  # noqa: PLC0415
    from sumy.summarizers.lex_rank import LexRankSummarizer  # noqa: PLC0415

    class Cut:
        def to_words(self, text: str) -> tuple[str, ...]:
            return tuple(re.findall(r"\w+", text.lower()))

    found = [text for one in tellings for text in split(one.text, one.language)]
    document = ObjectDocumentModel([Paragraph([Sentence(text, Cut()) for text in found])])
    return " ".join(str(one) for one in LexRankSummarizer()(document, sentences))


def methods() -> dict[str, Method]:
    found: dict[str, Method] = {"lead": lead, "ours": ours}
    return found | ({"sumy LexRank": lexrank} if find_spec("sumy") else {})


def main(data: Path) -> None:
    scorer = RougeScorer(list(KINDS), tokenizer=Words())
    print(f"{'set':12} {'method':14} {'cases':>5}  ROUGE-1  ROUGE-2  ROUGE-L  words")
    for name, cases in (("rtbf", rtbf), ("fundus", fundus), ("stories", stories)):
        found = list(cases(data))
        for title, method in methods().items():
            said = [method(case.tellings, case.sentences) for case in found]
            scores = [scorer.score(c.wanted, text) for c, text in zip(found, said, strict=True)]
            figures = (100 * mean(s[kind].fmeasure for s in scores) for kind in KINDS)
            length = mean(len(text.split()) for text in said)
            told = "  ".join(f"{figure:7.1f}" for figure in figures)
            print(f"{name:12} {title:14} {len(found):5}  {told}  {length:5.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", default=Path("../shared/data"))
    main(parser.parse_args().data)
