"""Train the entity pipeline.

    python -m training.ner.train --data FOLDER --out FOLDER [--news FOLDER] [--seed N] [--steps N]

Two processes train side by side on passages of their own and meet every 16 steps, where both go on
from the mean of their weights (local SGD, Stich 2019, arXiv:1805.09767). What is kept is thinc's
running mean of the first one's weights. The result depends on seed, steps and number of processes
alone, unless --minutes ends it before --steps. A run is saved every 300 steps: one of those behind
the shipped model ended after 1,500 with a corrupted heap in a process, and went on by --start.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from enrich.blank import spacy_without_torch
from training.ner.invented import own_items, own_templates
from training.ner.mix import Group, Sampler, Shares, groups_of
from training.ner.news import held_out, read_news
from training.ner.passages import CORPORA, Passage, read_corpus
from training.ner.pipeline import blank
from training.ner.scoring import score

MEET = 16  # steps between two meetings
LOOK = 300  # steps between two looks at the held-out news, each of which saves the run
ROOM = 8_000_000  # more weights than the pipeline has
FILLED = 30  # times that each sentence of our own is filled
GAZETTEER = Path(__file__).parents[2] / "config" / "gazetteer.toml"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is asked to do; kept beside it as run.json."""

    data: Path
    out: Path
    news: Path | None
    start: Path | None
    seed: int
    steps: int
    planned: int
    minutes: float
    rate: float
    warm: int
    dropout: float
    words: int
    share_news: float
    share_own: float
    workers: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where the processes meet: one row of weights each, the last cell says that it is time."""

    table: Any
    barrier: Any
    workers: int

    def mean(self, rank: int, model: Any, stop: bool) -> bool:
        """Every process goes on from the mean. Whether the first one said stop."""
        table = np.frombuffer(self.table, dtype="float32").reshape(self.workers, -1)
        values = [
            node.get_param(name)
            for node in model.walk()
            for name in node.param_names
            if node.has_param(name)
        ]
        flat = np.concatenate([value.ravel() for value in values])
        table[rank, : flat.size] = flat
        if rank == 0:
            table[0, -1] = float(stop)
        self.barrier.wait(900)
        stop = bool(table[0, -1])
        mean = table[:, : flat.size].mean(axis=0)
        self.barrier.wait(900)
        end = 0
        for value in values:
            value[...] = mean[end : end + value.size].reshape(value.shape)
            end += value.size
        return stop


class Labelled:
    """Passages as examples whose tags are known: spaCy would align two docs at every look."""

    def __init__(self, nlp: Any) -> None:
        from spacy.training import Example  # noqa: PLC0415 (after spacy_without_torch)

        class Known(Example):  # type: ignore[misc]  # spaCy's own class is untyped
            def get_aligned_ents_and_ner(self) -> tuple[list[Any], list[str]]:
                return [], self.tags

            def get_aligned_ner(self) -> list[str]:
                return self.tags  # type: ignore[no-any-return]

            def get_aligned_spans_x2y(self, spans: Any, allow_overlap: bool = False) -> list[Any]:  # noqa: ARG002
                return [self.reference[:]]

            def get_aligned_spans_y2x(self, spans: Any, allow_overlap: bool = False) -> list[Any]:  # noqa: ARG002
                return []

        self._nlp = nlp
        self._known = Known
        self._reference = nlp.make_doc("x")
        self._reference.set_ents([], default="outside")

    def __call__(self, passage: Passage) -> Any:
        doc = self._nlp.make_doc(passage.text)
        example = self._known(doc, self._reference)
        example.tags = _tags(doc, passage)
        return example

    def batch(self, sampler: Sampler, words: int) -> list[Any]:
        """The next examples, of about so many words together."""
        examples: list[Any] = []
        while sum(len(example.x) for example in examples) < words:
            example = self(sampler.next())
            if len(example.x):
                examples.append(example)
        return examples


def _tags(doc: Any, passage: Passage) -> list[str]:
    tags = ["O"] * len(doc)
    for start, end, label in passage.names:
        span = doc.char_span(start, end, alignment_mode="expand")
        if span is None or any(tag != "O" for tag in tags[span.start : span.end]):
            continue
        marks = "U" if len(span) == 1 else "B" + "I" * (len(span) - 2) + "L"
        tags[span.start : span.end] = [f"{mark}-{label}" for mark in marks]
    return tags


def work(plan: Plan, rank: int, meeting: Meeting) -> None:
    """One process' part of the run; the first one looks, tells and saves."""
    spacy_without_torch().util.fix_random_seed(plan.seed)
    from thinc.api import Adam, NumpyOps, set_current_ops  # noqa: PLC0415 (after the line above)

    set_current_ops(NumpyOps(use_blis=False))
    groups, kept = _material(plan)
    nlp = blank()
    labelled = Labelled(nlp)
    nlp.initialize(lambda: [labelled(one) for one in groups[-1].passages[:50]])
    if plan.start:
        nlp.get_pipe("ner").from_disk(plan.start / "ner", exclude=["vocab"])
    for module in (random, np.random):
        module.seed(plan.seed * 100 + rank)
    sampler = Sampler(groups, plan.seed * 100 + rank)
    adam = Adam(plan.rate, L2=0.01, grad_clip=1.0, use_averages=True, L2_is_weight_decay=True)
    ner = nlp.get_pipe("ner")
    began, words, stop = time.monotonic(), 0, False
    for step in range(1, plan.steps + 1):
        passed = (time.monotonic() - began) / 60
        done = max((step - 1) / plan.planned, passed / plan.minutes)
        adam.learn_rate = plan.rate * min(1.0, step / plan.warm) * max(0.04, 1 - done)
        batch = labelled.batch(sampler, plan.words)
        ner.update(batch, drop=plan.dropout, sgd=adam)
        words += sum(len(example.x) for example in batch)
        if plan.workers > 1 and step % MEET == 0:
            stop = meeting.mean(rank, ner.model, passed > plan.minutes)
        last = stop or step == plan.steps
        if rank == 0 and (step % LOOK == 0 or last):
            with nlp.use_params(adam.averages):
                _tell(f"{step} steps, {passed:.0f} min, {words} words | {_look(nlp, kept)}")
                _save(nlp, plan, step, words * plan.workers, groups)
        if last:
            break


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (this is a command)


def _material(plan: Plan) -> tuple[list[Group], list[Passage]]:
    """What is trained on, in groups, and the news that is held out."""
    open_sets = [one for corpus in CORPORA for one in read_corpus(plan.data, corpus)]
    news, kept = held_out(read_news(plan.news)) if plan.news else ([], [])
    own = own_templates(GAZETTEER, plan.seed, FILLED) if plan.share_own else []
    shares = Shares(plan.share_news, plan.share_own)
    return groups_of(open_sets, news, own, own_items(), shares), kept


def _look(nlp: Any, kept: Sequence[Passage]) -> str:
    told = []
    for language in ("fr", "nl"):
        passages = [one for one in kept if one.language == language]
        docs = nlp.pipe([one.text for one in passages], batch_size=256)
        found = [{(n.start_char, n.end_char, n.label_) for n in doc.ents} for doc in docs]
        scores = score([set(one.names) for one in passages], found)
        told.append(" ".join(f"{label} {one.f1:.3f}" for label, one in scores.items()))
    return " | ".join(told)


def _save(nlp: Any, plan: Plan, steps: int, words: int, groups: Sequence[Group]) -> None:
    nlp.to_disk(plan.out)
    asked = {name: value for name, value in asdict(plan).items() if not isinstance(value, Path)}
    told = asked | {
        "steps": steps,
        "words_seen": words,
        "passages": {group.name: len(group.passages) for group in groups},
    }
    (plan.out / "run.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def asked() -> Plan:
    """The plan that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the open sets, one folder each")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder")
    parser.add_argument("--news", type=Path, help="labelled news; left out: none")
    parser.add_argument("--start", type=Path, help="a run to go on from")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--steps", type=int, default=2500, help="of each process")
    parser.add_argument("--planned", type=int, default=0, help="steps over which the rate falls")
    parser.add_argument("--minutes", type=float, default=600.0, help="end at the next meeting")
    parser.add_argument("--rate", type=float, default=0.001)
    parser.add_argument("--warm", type=int, default=250, help="steps in which the rate rises")
    parser.add_argument("--dropout", type=float, default=0.12)
    parser.add_argument("--words", type=int, default=1500, help="tokens of one step")
    parser.add_argument("--share-news", type=float, default=0.28)
    parser.add_argument("--share-own", type=float, default=0.09)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    said = parser.parse_args()
    said.planned = said.planned or said.steps
    return Plan(**vars(said))


def main() -> None:
    """The command."""
    plan = asked()
    context = multiprocessing.get_context("spawn")
    table = context.RawArray("f", ROOM * plan.workers)
    meeting = Meeting(table, context.Barrier(plan.workers), plan.workers)
    others = [
        context.Process(target=work, args=(plan, rank, meeting)) for rank in range(1, plan.workers)
    ]
    for other in others:
        other.start()
    work(plan, 0, meeting)
    for other in others:
        other.join()


if __name__ == "__main__":
    main()
