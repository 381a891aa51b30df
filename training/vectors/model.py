"""Tokenizer, table and training.

A text's vector is the mean of its tokens' rows. Two aims together, over pairs of texts that say the
same: each side is nearest to its other side among a batch (symmetric InfoNCE; van den Oord, Li,
Vinyals, "Representation Learning with Contrastive Predictive Coding", 2018), and both are near
what the teacher makes of their English (Reimers and Gurevych, "Making Monolingual Sentence
Embeddings Multilingual using Knowledge Distillation", EMNLP 2020), brought to the table's size by
its principal components.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch.nn import functional

from training.vectors.data import Pair

UNKNOWN = "[UNK]"
_LIGATURES = (("ß", "ss"), ("œ", "oe"), ("Œ", "oe"), ("æ", "ae"), ("Æ", "ae"))


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every number that decides the outcome."""

    vocabulary: int = 32_000
    dims: int = 256
    steps: int = 1_600
    batch: int = 1_024
    rate: float = 0.1  # Adam's, falling in a line to 2 % of it
    warm_steps: int = 20
    start: float = 1.0  # standard deviation of the rows before training
    scale: float = 20.0  # of cosines in the contrastive loss
    teacher_weight: float = 2.0  # weight of the distance to the teacher
    joined: float = 0.4  # share of Tatoeba pairs that are made of two or three: news is longer
    alone: float = 0.05  # share of a batch in English sentences with a teacher's vector alone
    components: int = 1  # principal components taken out of the finished table
    whiten: float = 0.4  # 0: none; 1: every component of one size
    taught: int = 81_920  # English texts that the teacher sees
    seed: int = 0


def make_tokenizer(texts: Sequence[str], vocabulary: int) -> Tokenizer:
    """WordPiece over lower-cased words without accents, trained on the texts."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN, max_input_chars_per_word=64))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            *(normalizers.Replace(one, other) for one, other in _LIGATURES),
            normalizers.BertNormalizer(lowercase=True, strip_accents=True),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=["[PAD]", UNKNOWN],
        limit_alphabet=200,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


class Texts:
    """Distinct texts as rows of token numbers, one after the other."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._places: dict[str, int] = {}

    def place(self, text: str) -> int:
        if text not in self._places:
            self._places[text] = len(self.all)
            self.all.append(text)
        return self._places[text]

    def tokenize(self, tokenizer: Tokenizer) -> None:
        unknown = tokenizer.token_to_id(UNKNOWN)
        found = [
            np.array(one.ids or [unknown], dtype=np.int64)
            for one in tokenizer.encode_batch(self.all, add_special_tokens=False)
        ]
        self.sizes = np.array([len(ids) for ids in found])
        self.tokens = np.concatenate(found)
        self.starts = np.cumsum(self.sizes) - self.sizes

    def bags(self, places: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens and offsets of texts, each row of `places` (n, k) one bag; -1 stands for none."""
        flat = places.reshape(-1)
        sizes = np.where(flat >= 0, self.sizes[flat], 0)
        shift = np.repeat(self.starts[flat] - (np.cumsum(sizes) - sizes), sizes)
        whole = sizes.reshape(places.shape).sum(1)
        tokens = self.tokens[np.arange(sizes.sum()) + shift]
        return torch.from_numpy(tokens), torch.from_numpy(np.cumsum(whole) - whole)


class Draw:
    """Batches of pairs: places of both sides and of the English text, -1 where there is none."""

    def __init__(
        self,
        sets: Mapping[str, NDArray[np.int64]],
        weights: Mapping[str, float],
        recipe: Recipe,
    ) -> None:
        self._sets = sets
        self._recipe = recipe
        self._random = np.random.default_rng(recipe.seed)
        shares = np.array([weights[name] for name in sets])
        self._shares = shares / shares.sum()

    def batch(self) -> NDArray[np.int64]:
        """Shape (batch, 3 texts at most, 3): one side, the other, English; -1 for none."""
        counts = self._random.multinomial(self._recipe.batch, self._shares)
        drawn = []
        for (name, rows), count in zip(self._sets.items(), counts, strict=True):
            picked = rows[self._random.integers(0, len(rows), size=(count, 3))]
            long = np.ones(count, dtype=np.int64)
            if name.startswith("tatoeba"):
                more = self._random.random(count) < self._recipe.joined
                long += more * self._random.integers(1, 3, size=count)
            picked[np.arange(3)[None] >= long[:, None]] = -1
            drawn.append(picked)
        return np.concatenate(drawn)


def train(
    sets: Mapping[str, Sequence[Pair]],
    weights: Mapping[str, float],
    teacher: Mapping[str, int],
    targets: NDArray[np.float32],
    recipe: Recipe,
) -> tuple[Tokenizer, NDArray[np.float32], Texts]:
    """The tokenizer, the table (vocabulary, dims) and the texts.

    `teacher`: the row in `targets` of each English text that has one.
    """
    torch.manual_seed(recipe.seed)
    texts = Texts()
    rows = {
        name: np.array(
            [
                (texts.place(p.one), texts.place(p.other), teacher.get(p.english, -1))
                for p in members
            ],
            dtype=np.int64,
        )
        for name, members in sets.items()
    }
    tokenizer = make_tokenizer(texts.all, recipe.vocabulary)
    known = {text for members in sets.values() for pair in members for text in (pair.english,)}
    alone = np.array(
        [(texts.place(text), row) for text, row in teacher.items() if text not in known]
    )
    texts.tokenize(tokenizer)
    goal = torch.from_numpy(_principal(targets, recipe.dims))
    draw = Draw(rows, weights, recipe)
    table = torch.nn.Parameter(torch.randn(tokenizer.get_vocab_size(), recipe.dims) * recipe.start)
    _descend(table, texts, draw, alone, goal, recipe)
    return tokenizer, table.detach().numpy(), texts


def _principal(vectors: NDArray[np.float32], dims: int) -> NDArray[np.float32]:
    """The rows on their first principal components, not centred, brought to length 1."""
    _, axes = np.linalg.eigh(vectors.T @ vectors / len(vectors))
    turned = vectors @ axes[:, ::-1][:, :dims]
    lengths = np.linalg.norm(turned, axis=1, keepdims=True)
    found: NDArray[np.float32] = (turned / np.maximum(lengths, 1e-9)).astype(np.float32)
    return found


def _descend(
    table: torch.nn.Parameter,
    texts: Texts,
    draw: Draw,
    alone: NDArray[np.int64],
    goal: torch.Tensor,
    recipe: Recipe,
) -> None:
    adam = torch.optim.Adam([table], lr=recipe.rate, fused=True)
    random = np.random.default_rng(recipe.seed + 1)

    def encoded(places: NDArray[np.int64]) -> torch.Tensor:
        tokens, offsets = texts.bags(places)
        means = functional.embedding_bag(tokens, table, offsets, mode="mean")
        return functional.normalize(means, dim=1)

    for step in range(recipe.steps):
        falling = max(0.02, 1.0 - step / recipe.steps)
        for group in adam.param_groups:
            group["lr"] = recipe.rate * min(1.0, (step + 1) / recipe.warm_steps) * falling
        batch = draw.batch()
        one, other = encoded(batch[:, :, 0]), encoded(batch[:, :, 1])
        loss = _contrast(one, other, batch, recipe.scale)
        taught, wanted = _wanted(batch, goal)
        distance = 2.0 - ((one + other) * wanted).sum(1)
        loss = loss + recipe.teacher_weight * distance[taught].mean() / 2
        if recipe.alone and len(alone):
            picked = alone[random.integers(0, len(alone), int(recipe.batch * recipe.alone))]
            near = (encoded(picked[:, :1]) * goal[torch.from_numpy(picked[:, 1])]).sum(1)
            loss = loss + recipe.teacher_weight * recipe.alone * (1 - near).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        if step % 100 == 99:
            print(f"step {step + 1} of {recipe.steps}: loss {loss.item():.3f}", flush=True)  # noqa: T201


def _contrast(
    one: torch.Tensor, other: torch.Tensor, batch: NDArray[np.int64], scale: float
) -> torch.Tensor:
    """Symmetric InfoNCE; a row whose first English text is the same is no wrong answer."""
    cosines = one @ other.T * scale
    english = torch.from_numpy(batch[:, 0, 2].copy())
    same = (english[:, None] == english[None]) & (english >= 0)[:, None]
    same.fill_diagonal_(False)
    cosines = cosines.masked_fill(same, -1e4)
    right = torch.arange(len(cosines))
    return (
        functional.cross_entropy(cosines, right) + functional.cross_entropy(cosines.T, right)
    ) / 2


def _wanted(batch: NDArray[np.int64], goal: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Which rows have a teacher's vector for every one of their texts, and the mean of these."""
    there = batch[:, :, 0] >= 0
    english = batch[:, :, 2]
    taught = torch.from_numpy(~(there & (english < 0)).any(1))
    rows = torch.from_numpy(np.maximum(english, 0))
    used = torch.from_numpy(there & (english >= 0))[:, :, None]
    return taught, functional.normalize((goal[rows] * used).sum(1), dim=1)
