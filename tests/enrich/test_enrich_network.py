"""The network of our own against spaCy's parser over the same weights; the list of names."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from enrich.blank import spacy_without_torch
from enrich.names import (
    ALONE,
    FIRST,
    LAST,
    LOC,
    ORG,
    PER,
    WITHIN,
    NameList,
    coded,
    codes_of,
    key_of,
)
from enrich.network import NameNetwork
from enrich.stored import read
from enrich.trained import FOLDER, set_word_features

TEXTS = (
    "Selon Emmanuel Macron, la France et l'Union européenne aideront l'Ukraine.",
    "À Dieppe, la Chambre de commerce et d'industrie Rouen Métropole reçoit Aline Brédeville",
    "Premier Mark Rutte sprak in Brussel met de Europese Commissie over de NAVO-top in Den Haag.",
    "Angela Merkel traf sich in Berlin mit Vertretern von Siemens und der Deutschen Bahn AG.",
    "Microsoft said on Monday that it would open an office in London, Prime Minister Boris Johnson",
    "le havre : grève à la cgt, jean-luc mélenchon attendu au port",
    "Paris",
    "  double   space  Paris  ",
    "🎉 Dieppe 🎉",
    "",
)


def loaded() -> Any:
    nlp = spacy_without_torch().load(FOLDER / "pipeline")
    set_word_features(nlp)
    return nlp


@pytest.fixture(scope="module")
def names() -> NameList:
    return NameList.load(FOLDER / "names.npz")


@pytest.fixture(scope="module")
def network(names: NameList) -> NameNetwork:
    return NameNetwork(read(FOLDER / "pipeline"), names)


def by_spacy(texts: tuple[str, ...], names: NameList) -> list[list[tuple[int, int, str]]]:
    """What spaCy's own parser says of the same texts, the list's names told by TAG."""
    attrs = spacy_without_torch().attrs
    nlp = loaded()
    for node in nlp.get_pipe("ner").model.walk():
        for name in node.param_names:
            if node.has_param(name):
                node.set_param(name, node.get_param(name).astype("float32"))
    docs = [nlp.make_doc(text) for text in texts]
    for doc in docs:
        if len(doc):
            runs = names.runs(doc.to_array(attrs.NORM))
            codes = coded(codes_of(runs, len(doc)), doc.text != doc.text.lower())
            doc.from_array([attrs.TAG], codes.reshape(-1, 1))
    read = nlp.get_pipe("ner").pipe(docs, batch_size=64)
    return [[(one.start_char, one.end_char, one.label_) for one in doc.ents] for doc in read]


def test_says_what_spacys_own_parser_says(names: NameList, network: NameNetwork) -> None:
    expected = by_spacy(TEXTS, names)
    assert network.find(TEXTS) == expected
    assert sum(map(len, expected)) > 15


def test_moves_stand_in_spacys_order() -> None:
    moves = loaded().get_pipe("ner").moves
    expected = tuple(moves.get_class_name(row) for row in range(moves.n_moves))
    assert read(FOLDER / "pipeline").moves == expected


def test_word_forms_may_be_more_than_are_kept(
    names: NameList, network: NameNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = network.find(TEXTS)
    for kept in (20, 60):
        monkeypatch.setattr("enrich.network._KEPT", kept)
        small = NameNetwork(read(FOLDER / "pipeline"), names)
        assert [small.find([text])[0] for text in TEXTS] == expected
        assert small.find(TEXTS) == expected


# ------------------------------------------------------------------------------------ the list


def norms(text: str) -> Any:
    """A number for each word; none for an empty one, which stands between two texts."""
    known = {"": 0}
    return np.array(
        [known.get(word, int.from_bytes(word.encode(), "little")) for word in text.split(" ")],
        dtype=np.uint64,
    )


LISTED = {"lille": LOC, "le havre": LOC | ORG, "le": PER, "havre de grâce": LOC, "a b c d e f": ORG}

RUNS = {
    "nothing": ("rien ici", []),
    "a name alone": ("à lille", [(1, 2, LOC)]),
    "the longest": ("le havre", [(0, 2, LOC | ORG)]),
    "from the left, without overlap": ("le havre de grâce", [(0, 2, LOC | ORG)]),
    "a name at the end of another's place": ("du havre de grâce", [(1, 4, LOC)]),
    "not across texts": ("le  havre", [(0, 1, PER)]),
    "six words": ("x a b c d e f", [(1, 7, ORG)]),
    "cut short": ("a b c d e", []),
}


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> NameList:
    by_key = {key_of(norms(name)): kinds for name, kinds in LISTED.items()}
    keys = np.array(sorted(by_key), dtype=np.uint32)
    written = NameList(keys, np.array([by_key[int(key)] for key in keys], dtype=np.uint8))
    path = Path(tmp_path_factory.mktemp("names")) / "names.npz"
    written.save(path)
    return NameList.load(path)


@pytest.mark.parametrize("case", RUNS)
def test_names_of_the_list(case: str, towns: NameList) -> None:
    text, expected = RUNS[case]
    assert [(run.start, run.end, run.kinds) for run in towns.runs(norms(text))] == expected


def test_codes_tell_kind_and_place(towns: NameList) -> None:
    text = "lille x le havre a b c d e f"
    codes = codes_of(towns.runs(norms(text)), 10).tolist()
    town, both, body = (1 + 4 * (kinds - 1) for kinds in (LOC, LOC | ORG, ORG))
    assert codes == [
        *(town + ALONE, 0, both + FIRST, both + LAST),
        *(body + FIRST, *[body + WITHIN] * 4, body + LAST),
    ]


def test_a_text_without_capitals_has_codes_of_its_own() -> None:
    every = np.arange(29, dtype=np.uint64)
    large, small = coded(every, capitals=True).tolist(), coded(every, capitals=False).tolist()
    assert len({*large, *small}) == 58
    assert 0 not in {*large, *small}
