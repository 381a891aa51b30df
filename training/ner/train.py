"""Train the entity pipeline.

    python -m training.ner.train --data FOLDER --out FOLDER [--news FOLDER] [--seed N] [--steps N]

The network is trained in torch (training.ner.network) and put back into the spaCy pipeline. What is
kept is a running mean of the weights. The result depends on the data, the seed and the numbers
asked for, on one thread of one kind of machine. The rate rises, then falls to nothing; the share of
labelled news rises from --share-news to --share-last over the last third of the steps.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from enrich.blank import spacy_without_torch
from enrich.names import Run, coded, codes_of
from training.ner.invented import own_items, own_templates
from training.ner.mix import Group, Sampler, Shares, groups_of
from training.ner.names import ORIGIN, Names
from training.ner.network import PAD, Batch, Network, rows_of
from training.ner.news import held_out, read_news
from training.ner.passages import CORPORA, Passage, read_corpus
from training.ner.pipeline import blank
from training.ner.scoring import score

LOOK = 400  # steps between two looks at the held-out news, each of which saves the run
STIRRED = 20  # steps between two draws of noise
FILLED = 30  # times that each sentence of our own is filled
UNTOLD = 0.1  # of the passages: names of the list are not told
MISTAKEN = 0.15  # of the names of the list that a passage has: not told
GAZETTEER = Path(__file__).parents[2] / "config" / "gazetteer.toml"
FEATURES = ("NORM", "PREFIX", "SUFFIX", "SHAPE")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is asked to do; kept beside it as run.json."""

    data: Path
    out: Path
    news: Path | None
    start: Path | None
    seed: int
    steps: int
    stop: int
    rate: float
    warm: int
    dropout: float
    blind: float
    doubt: float
    decay: float
    mean: float
    words: int
    share_news: float
    share_last: float
    share_own: float
    width: int
    depth: int
    rows: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A passage's words."""

    values: Any  # their features but the list's, (words, 4)
    runs: Sequence[Run]  # of the list
    begin: Any  # place of the first word of the open name, or -1
    move: Any  # column of the right move
    weight: Any
    capitals: bool
    silver: bool  # labelled by a program


class Labelled:
    """Passages as words with their features, states and right moves."""

    def __init__(self, nlp: Any, names: Names, network: Network, plan: Plan) -> None:
        spacy = spacy_without_torch()
        self._nlp = nlp
        self._names = names
        self._random = random.Random(plan.seed)  # noqa: S311 (no secret)
        self._attrs = [getattr(spacy.attrs, name) for name in FEATURES]
        self._known: dict[tuple[str, object], Prepared] = {}
        self._embeds = network.embeds
        self._doubt = plan.doubt
        self._column = {name: place for place, name in enumerate(network.moves)}

    def batch(self, sampler: Sampler, words: int) -> Batch:
        """The next passages, of about so many words together."""
        read: list[Prepared] = []
        codes: list[Any] = []
        while sum(len(one) for one in codes) < words:
            one = self._prepared(sampler.next())
            if len(one.move):
                read.append(one)
                codes.append(self._codes(one))
        lengths = [len(one.move) for one in read]
        first = np.cumsum([0, *lengths[:-1]])
        placed = zip(read, first, strict=True)
        begins = [np.where(one.begin >= 0, one.begin + a, -1) for one, a in placed]
        doubts = np.array([self._doubt * one.silver for one in read], dtype="float32")
        values = np.concatenate([one.values for one in read])
        gaps = np.repeat(np.arange(1, len(read) + 1) * PAD, lengths)
        return Batch(
            keys=rows_of(self._embeds, np.column_stack([values, np.concatenate(codes)])),
            real=torch.from_numpy(np.arange(len(values)) + gaps),
            rows=len(values) + (len(read) + 1) * PAD,
            begin=torch.from_numpy(np.concatenate(begins)),
            move=torch.from_numpy(np.concatenate([one.move for one in read])),
            weight=torch.from_numpy(np.concatenate([one.weight for one in read])),
            doubt=torch.from_numpy(np.repeat(doubts, lengths)),
        )

    def _codes(self, one: Prepared) -> Any:
        roll = self._random.random
        told = [] if roll() < UNTOLD else [run for run in one.runs if roll() >= MISTAKEN]
        return coded(codes_of(told, len(one.move)), one.capitals)

    def _prepared(self, passage: Passage) -> Prepared:
        """What is always the same of a passage; WikiANN labels what was a link.

        So a word that it calls no name though the list does may be a name said again: it is not
        learnt from.
        """
        key = (passage.text, passage.names)
        if key in self._known:
            return self._known[key]
        doc = self._nlp.make_doc(passage.text)
        values = doc.to_array(self._attrs).reshape(len(doc), -1)
        runs = self._names.runs(passage, values[:, 0]) if len(doc) else []
        begin, move = self._moves(passage, doc)
        weight = np.ones(len(doc), dtype="float32")
        capitals = passage.text != passage.text.lower()
        if passage.origin == ORIGIN and capitals:
            for run in runs:
                if run.key in self._names.sure and doc[run.start].text[:1].isupper():
                    outside = move[run.start : run.end] == self._column["O"]
                    weight[run.start : run.end][outside] = 0.0
        for start, end in passage.unsure:
            if span := doc.char_span(start, end, alignment_mode="expand"):
                weight[span.start : span.end] = 0.0
        silver = passage.origin == ORIGIN
        self._known[key] = Prepared(values, runs, begin, move, weight, capitals, silver)
        return self._known[key]

    def _moves(self, passage: Passage, doc: Any) -> tuple[Any, Any]:
        begin = np.full(len(doc), -1, dtype="int64")
        move = np.full(len(doc), self._column["O"], dtype="int64")
        taken = np.zeros(len(doc), dtype=bool)
        for start, end, label in passage.names:
            span = doc.char_span(start, end, alignment_mode="expand")
            if span is None or taken[span.start : span.end].any():
                continue
            taken[span.start : span.end] = True
            if len(span) == 1:
                move[span.start] = self._column[f"U-{label}"]
                continue
            move[span.start : span.end] = self._column[f"I-{label}"]
            move[span.start] = self._column[f"B-{label}"]
            move[span.end - 1] = self._column[f"L-{label}"]
            begin[span.start + 1 : span.end] = span.start
        return begin, move


def work(plan: Plan) -> None:
    """The run: train, tell, save."""
    torch.set_num_threads(1)
    spacy_without_torch().util.fix_random_seed(plan.seed)
    torch.manual_seed(plan.seed)
    nlp = blank(plan.width, plan.depth, plan.rows, plan.pieces)
    nlp.initialize()
    names = Names(nlp, plan.data, GAZETTEER)
    groups, kept = _material(plan)
    _tell(f"{len(names.list.keys)} names in the list")
    for group in groups:
        _tell(f"{group.name}: {len(group.passages)} passages, {group.weight:.3f} of the words")
    if plan.start:
        nlp.get_pipe("ner").from_disk(plan.start / "ner", exclude=["vocab"])
    network = Network(nlp)
    labelled = Labelled(nlp, names, network, plan)
    sampler = Sampler(groups, plan.seed)
    adam = torch.optim.AdamW(
        network.weights, plan.rate, (0.9, 0.99), weight_decay=plan.decay, fused=True
    )
    means = [weight.detach().clone() for weight in network.weights]
    began, words, lost = time.monotonic(), 0, 0.0
    for step in range(1, plan.stop + 1):
        done = (step - 1) / plan.steps
        for group in adam.param_groups:
            group["lr"] = plan.rate * min(1.0, step / plan.warm) * max(0.03, 1 - done)
        if step % STIRRED == 1:
            network.stir(plan.dropout)
            sampler.weigh(_shares(plan, done))
        batch = labelled.batch(sampler, plan.words)
        loss = network.loss(batch, plan.dropout, plan.blind)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.weights, 1.0)
        adam.step()
        near = min(plan.mean, step / (step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(means, network.weights, 1 - near)
        words += len(batch.real)
        lost += loss.item()
        if step % LOOK == 0 or step == plan.stop:
            network.store(means)
            passed = (time.monotonic() - began) / 60
            told = f"{step} steps, {passed:.1f} min, {words} words, loss {lost / LOOK:.4f}"
            _tell(f"{told} | {_look(nlp, names, kept)}")
            lost = 0.0
            _save(nlp, names, plan, step, words, groups)


def _shares(plan: Plan, done: float) -> float:
    """What the news' share is multiplied by."""
    late = min(1.0, max(0.0, 3 * done - 2))
    return 1 + late * (plan.share_last / plan.share_news - 1) if plan.share_news else 1.0


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (this is a command)


def _material(plan: Plan) -> tuple[list[Group], list[Passage]]:
    """What is trained on, in groups, and the news that is held out."""
    open_sets = [one for corpus in CORPORA for one in read_corpus(plan.data, corpus)]
    news, kept = held_out(read_news(plan.news)) if plan.news else ([], [])
    own = own_templates(GAZETTEER, plan.seed, FILLED) if plan.share_own else []
    shares = Shares(plan.share_news, plan.share_own)
    return groups_of(open_sets, news, own, own_items(), shares), kept


def docs_of(nlp: Any, names: Names, passages: Sequence[Passage]) -> list[Any]:
    """The passages read by spaCy, the list's names told."""
    spacy = spacy_without_torch()
    docs = []
    for passage in passages:
        doc = nlp.make_doc(passage.text)
        if len(doc):
            runs = names.list.runs(doc.to_array(spacy.attrs.NORM))
            codes = coded(codes_of(runs, len(doc)), passage.text != passage.text.lower())
            doc.from_array([spacy.attrs.TAG], codes.reshape(-1, 1))
        docs.append(doc)
    return list(nlp.get_pipe("ner").pipe(docs, batch_size=256))


def _look(nlp: Any, names: Names, kept: Sequence[Passage]) -> str:
    told = []
    for language in ("fr", "nl"):
        passages = [one for one in kept if one.language == language]
        docs = docs_of(nlp, names, passages)
        found = [{(n.start_char, n.end_char, n.label_) for n in doc.ents} for doc in docs]
        scores = score([set(one.names) for one in passages], found)
        told.append(" ".join(f"{label} {one.f1:.3f}" for label, one in scores.items()))
    return " | ".join(told)


def _save(
    nlp: Any, names: Names, plan: Plan, steps: int, words: int, groups: Sequence[Group]
) -> None:
    nlp.to_disk(plan.out)
    names.list.save(plan.out / "names.npz")
    asked = {name: value for name, value in asdict(plan).items() if not isinstance(value, Path)}
    told = asked | {"steps": steps, "words_seen": words}
    before = json.loads((plan.start / "run.json").read_text("utf-8")) if plan.start else {}
    told["stages"] = [*before.get("stages", []), dict(told)]
    told["passages"] = {group.name: len(group.passages) for group in groups}
    (plan.out / "run.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def asked() -> Plan:
    """The plan that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the open sets, one folder each")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder")
    parser.add_argument("--news", type=Path, help="labelled news; left out: none")
    parser.add_argument("--start", type=Path, help="a run to go on from")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--steps", type=int, default=2000, help="over which the rate falls")
    parser.add_argument("--stop", type=int, default=0, help="step to end at, if not the last")
    parser.add_argument("--rate", type=float, default=0.003)
    parser.add_argument("--warm", type=int, default=200, help="steps in which the rate rises")
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--blind", type=float, default=0.12, help="of the features, not seen")
    parser.add_argument("--doubt", type=float, default=0.4, help="of labels made by a program")
    parser.add_argument("--decay", type=float, default=0.02, help="of the weights")
    parser.add_argument("--mean", type=float, default=0.995, help="running mean: share of the old")
    parser.add_argument("--words", type=int, default=2000, help="of one step")
    parser.add_argument("--share-news", type=float, default=0.18)
    parser.add_argument("--share-last", type=float, default=0.36, help="of news, at the end")
    parser.add_argument("--share-own", type=float, default=0.07)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--rows", type=int, default=30_000, help="of the table of words")
    parser.add_argument("--pieces", type=int, default=2, help="of a maxout after the first layer")
    said = parser.parse_args()
    said.stop = said.stop or said.steps
    return Plan(**vars(said))


def main() -> None:
    """The command."""
    work(asked())


if __name__ == "__main__":
    main()
