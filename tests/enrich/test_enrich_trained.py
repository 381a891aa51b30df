"""The shipped entity model: what it finds, what it bears, and what a damaged one says."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from enrich.cutting import Cutter
from enrich.entities import EntityReader
from enrich.models.shipped import VIGIE, read_card, verified
from enrich.stored import read
from enrich.trained import FOLDER, LABELS, Found, TrainedReader, keeping_elided
from vigie.errors import ModelError
from vigie.model import Mention, ReadingJob
from vigie.schema import Entity, Models

MAX_BYTES = 15_000_000

# Invented sentences; names that any news reader knows, so that a slightly worse model still passes.
SAID = {
    "fr": (
        "Selon Emmanuel Macron, la France et l'Union européenne aideront l'Ukraine.",
        {"Emmanuel Macron": "PER", "France": "LOC", "Union européenne": "ORG", "Ukraine": "LOC"},
    ),
    "nl": (
        "Premier Mark Rutte sprak in Brussel met de Europese Commissie.",
        {"Mark Rutte": "PER", "Brussel": "LOC", "Europese Commissie": "ORG"},
    ),
    "de": (
        "Angela Merkel traf sich in Berlin mit Vertretern von Siemens.",
        {"Angela Merkel": "PER", "Berlin": "LOC", "Siemens": "ORG"},
    ),
    "en": (
        "Microsoft said on Monday that it would open an office in London.",
        {"London": "LOC", "Microsoft": "ORG"},
    ),
}

HOSTILE = {
    "empty": "",
    "spaces": " \n\t ",
    "one letter": "a",
    "one mark": ".",
    "no mark": "\u200d",
    "two million letters of one word": "a" * 2_000_000,
    "thousands of words on one line": "Paris " * 4_000,
    "right to left": "قال الرئيس في باريس שלום עולם",
    "emoji": "🇫🇷🎉 Macron 👩‍👩‍👧‍👦 à Paris 🤷🏽‍♀️",
    "control characters": "Macron\x00 à\x07 Paris\x1b[31m",
    "half characters": "Paris \ud800 Lyon",
    "left-overs of HTML": "<b>Paris</b>&nbsp;<a href='x'>Lyon</a>&#39;",
    "capitals that grow when small": "İSTANBUL İZMİR VE İSTANBUL",
    "many line breaks": "Paris\n" * 400,
}


@pytest.fixture(scope="module")
def reader() -> TrainedReader:
    return TrainedReader(VIGIE)


def said(text: str, found: tuple[Found, ...]) -> dict[str, str]:
    return {text[one.start : one.end]: one.label for one in found}


@pytest.mark.parametrize("language", SAID)
def test_finds_names_in_four_languages(language: str, reader: TrainedReader) -> None:
    text, expected = SAID[language]
    assert said(text, reader.read([text])[0]) == expected


@pytest.mark.parametrize("kind", HOSTILE)
def test_bears_any_text(kind: str, reader: TrainedReader) -> None:
    text = HOSTILE[kind]
    (found,) = reader.read([text])
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(text[one.start : one.end].strip() for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)


def test_a_batch_is_read_as_each_text_alone(reader: TrainedReader) -> None:
    texts = [text for text, _ in SAID.values()] * 3 + [HOSTILE["emoji"], "", "Paris"]
    texts.append("\n".join(text for text, _ in SAID.values()))
    assert reader.read(texts) == [reader.read([text])[0] for text in texts]


def test_paragraphs_are_read_apart_with_their_offsets(reader: TrainedReader) -> None:
    lines = [text for text, _ in SAID.values()]
    (found,) = reader.read(["\n".join(lines)])
    expected, start = [], 0
    for line, names in zip(lines, reader.read(lines), strict=True):
        expected += [Found(start + one.start, start + one.end, one.label) for one in names]
        start += len(line) + 1
    assert list(found) == expected


def test_capitals_are_read_as_small_letters(reader: TrainedReader) -> None:
    text = SAID["fr"][0]
    small, capitals = reader.read([text.lower(), text.upper()])
    assert small == capitals


def test_model_and_gazetteer_meet_in_one_mention() -> None:
    listed = Entity(id="ue", label="ORG", names={"fr": "Union européenne"}, aliases=("UE",))
    reader = EntityReader((listed,), Models())
    (mentions,) = reader.read([ReadingJob(1, 1, SAID["fr"][0], "", "")], ["fr"])
    by_surface: dict[str, Mention] = {mention.surface: mention for mention in mentions}
    assert set(by_surface) == set(SAID["fr"][1])
    assert by_surface["Union européenne"].entity == "ue"
    assert by_surface["Emmanuel Macron"].entity == "per:emmanuel-macron"
    assert by_surface["Emmanuel Macron"].why == "vigie: PER"
    assert reader.revision.startswith("vigie-entities-")


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Vesdre : quarante capteurs neufs", True),
        ("Vesdre: quarante capteurs neufs", True),
        ("Quarante capteurs Vesdre : un marché", False),
    ],
)
def test_where_no_name_is_read_a_place_before_a_titles_colon_is_one(
    title: str, read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrainedReader, "read", lambda _reader, texts: [() for _ in texts])
    listed = Entity(id="vesdre", label="LOC", names={"fr": "Vesdre"})
    (mentions,) = EntityReader((listed,), Models()).read([ReadingJob(1, 1, title, "", "")], ["fr"])
    assert ("vesdre" in {mention.entity for mention in mentions}) is read


def test_a_family_name_alone_is_the_person_named_before(tmp_path: Path) -> None:
    """A ruler stands for a trained pipeline: it takes the name for a place."""
    import spacy  # noqa: PLC0415 (after enrich.blank in this process, like everywhere)

    nlp = spacy.blank("xx")
    patterns = ("PERSON", "Aline Brédeville"), ("LOC", "Brédeville"), ("ORG", "Anvers")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": label, "pattern": pattern} for label, pattern in patterns]
    )
    nlp.to_disk(tmp_path / "maison")
    towns = (Entity(id="anvers", label="LOC", names={"fr": "Anvers"}),)
    reader = EntityReader(towns, Models(entities=str(tmp_path / "maison")))
    job = ReadingJob(
        1, 1, "Brédeville bat Anvers", "Aline Brédeville rit, dit Brédeville-Nord.", ""
    )
    (mentions,) = reader.read([job], ["fr"])
    assert [(m.field, m.entity, m.surface) for m in mentions] == [
        ("title", "per:aline-bredeville", "Brédeville"),
        ("title", "org:anvers", "Anvers"),
        ("summary", "per:aline-bredeville", "Aline Brédeville"),
        ("summary", "per:aline-bredeville", "Brédeville"),
    ]
    assert mentions[0].why == "family name of Aline Brédeville"


def test_a_family_name_of_two_people_is_nobodys() -> None:
    text = "Emmanuel Macron et Brigitte Macron. Macron."
    (mentions,) = EntityReader((), Models()).read([ReadingJob(1, 1, text, "", "")], ["fr"])
    assert not any(mention.why.startswith("family") for mention in mentions)


# ------------------------------------------------------------------------------ as it is shipped


def test_the_files_are_those_that_the_card_names() -> None:
    files = dict(verified(FOLDER).files)
    stand = {str(path.relative_to(FOLDER)) for path in (FOLDER / "pipeline").rglob("*.*")}
    assert stand <= set(files)
    said = json.loads((FOLDER / "card.json").read_text("utf-8"))
    assert set(said["labels"]) <= set(LABELS)
    assert sum((FOLDER / name).stat().st_size for name in files) == said["bytes"] <= MAX_BYTES


def test_an_article_parted_from_its_noun_is_read_as_if_it_were_not(reader: TrainedReader) -> None:
    words = ["l'Italie et l'Ukraine", "l' Italie et l' Ukraine"]
    found = reader.read([f"Le ministre visite {these}." for these in words])
    assert [len(names) for names in found] == [2, 2]
    cutter = Cutter(keeping_elided(read(FOLDER / "pipeline")).affixes)
    assert cutter.cut("l' Italie, qu' il «d’ eau»")[0][0:7:3] == ["l'", "qu'", "d’"]


def test_the_card_is_that_of_the_model() -> None:
    card = (FOLDER / "README.md").read_text("utf-8")
    weights = hashlib.sha256((FOLDER / "pipeline/ner/model").read_bytes()).hexdigest()
    assert f"`{weights}`" in card
    assert read_card(FOLDER).revision in card
    assert read_card(FOLDER).figures
    assert "CC BY-SA 4.0" in card


# ------------------------------------------------------------------------------------ as damaged


def damaged(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "entities"))


def rewritten(folder: Path, **changed: object) -> None:
    meta = json.loads((folder / "card.json").read_text("utf-8"))
    (folder / "card.json").write_text(json.dumps(meta | changed), "utf-8")


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere.*\[models\]"):
        _ = TrainedReader(VIGIE, tmp_path / "nowhere").revision


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    folder = damaged(tmp_path)
    (folder / "pipeline" / "ner" / "model").unlink()
    with pytest.raises(ModelError, match=r"pipeline/ner/model cannot be read"):
        TrainedReader(VIGIE, folder).read(["Paris"])


def test_a_changed_byte_is_said(tmp_path: Path) -> None:
    folder = damaged(tmp_path)
    model = folder / "pipeline" / "ner" / "model"
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(data)
    with pytest.raises(ModelError, match="SHA-256 differs"):
        TrainedReader(VIGIE, folder).read(["Paris"])


def test_another_format_is_said(tmp_path: Path) -> None:
    folder = damaged(tmp_path)
    rewritten(folder, form=99)
    with pytest.raises(ModelError, match="form 99"):
        TrainedReader(VIGIE, folder).read(["Paris"])


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"form": 1, "files": 3}', "\x00"])
def test_a_card_that_says_nothing_is_said(content: str, tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(content, "utf-8")
    with pytest.raises(ModelError, match=r"card\.json cannot be read"):
        verified(tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("ner/model", b"SUFFIX", b"LENGTH", "something else of a word"),
        ("ner/model", b"layernorm", b"nosuchone", "cannot read it"),
        ("ner/moves", b"moves", b"nosuc", "cannot read it"),
        ("ner/moves", b"{", b"[", "cannot read it"),
        ("tokenizer", b"infix_finditer", b"infix_nosuchi", "cannot read it"),
        ("tokenizer", b"(?:", b"(?!(", "cannot read it"),
    ],
)
def test_a_pipeline_of_another_kind_is_said(
    file: str, old: bytes, new: bytes, said: str, tmp_path: Path
) -> None:
    folder = damaged(tmp_path)
    path = folder / "pipeline" / file
    path.write_bytes(path.read_bytes().replace(old, new))
    files = json.loads((folder / "card.json").read_text("utf-8"))["files"]
    files[f"pipeline/{file}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    rewritten(folder, files=files)
    with pytest.raises(ModelError, match=said):
        TrainedReader(VIGIE, folder).read(["Paris"])
