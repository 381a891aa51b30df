"""Drop folders: what is read, what waits, what is remembered."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors import kinds, references, spreadsheet
from collectors.items import Raw
from collectors.kinds import contribution
from collectors.kinds import file as files
from vigie.kinds import FileRules
from vigie.model import FailureKind, Gathered, Item, Kind, ParsedFeed, PollState, Unparsed
from vigie.schema import Source

AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
STATE = PollState(next_due=AT)
RSS = b"""<rss version="2.0"><channel><title>t</title><item><title>Un</title>
<link>https://a.fr/1</link></item></channel></rss>"""
CSV = """Titre;Lien;Date;Mots-clés
"Un quai; électrifié";https://a.fr/quai;18/11/2026;port, énergie
Sans lien;;;
;;;
"""
BIB = r"""@article{dupont2026, title = {L'{\'e}tude des {Quais}},
 author = {Dupont, Marie and K. M{\"u}ller},
 year = 2026, month = nov, doi = {10.1234/ABC.5}, keywords = {port; énergie}, langid = {french}}
@misc{old, title = "Une vieille chose", year = 2019, url = {https://a.fr/old_one}}
@article{broken, title = {sans fin
"""
RIS = """TY  - JOUR
TI  - A study of quays
AU  - Dupont, Marie
AU  - Müller, K.
DA  - 2026/10/03/
UR  - https://a.fr/study;https://a.fr/study.pdf
AB  - What quays are made of.
KW  - port
ER  -

nonsense here
ER  -
TY  - RPRT
T1  - Un rapport sans fin
PY  - 2024
DO  - https://doi.org/10.5555/xyz
"""


def drop(folder: Path, name: str, body: bytes | str, age: float = 60.0) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    os.utime(path, (AT.timestamp() - age, AT.timestamp() - age))
    return path


def gather(folder: Path, state: PollState = STATE, **rules: object) -> Gathered:
    source = Source(
        id="depot", title="D", kind=Kind.FILE, url="file:x", file=FileRules.model_validate(rules)
    )
    return files.gather(source.model_copy(update={"url": f"file:{folder}"}), state, AT)


def after(found: Gathered) -> PollState:
    return replace(STATE, etag=found.fetched.etag)


def titles(found: Gathered) -> set[str]:
    return {item.title for item in found.parsed.items}


def test_files_of_all_kinds_are_read_once(tmp_path: Path) -> None:
    drop(tmp_path, "a.xml", RSS)
    drop(tmp_path, "b.csv", CSV.encode("cp1252"))
    drop(tmp_path, "c.bib", BIB)
    drop(tmp_path, "d.ris", RIS)
    found = gather(tmp_path)
    assert titles(found) == {
        *("Un", "Un quai; électrifié", "Sans lien", "L'étude des Quais", "Une vieille chose"),
        *("A study of quays", "Un rapport sans fin"),
    }
    assert {part.where for part in found.parsed.unparsed} == {"c.bib, line 5", "d.ris, record 2"}
    again = gather(tmp_path, after(found))
    assert again.parsed.items == again.parsed.unparsed == ()
    assert again.fetched.etag == found.fetched.etag
    assert len(list(tmp_path.iterdir())) == 4


def test_only_what_is_new_or_changed_is_read(tmp_path: Path) -> None:
    drop(tmp_path, "a.xml", RSS)
    drop(tmp_path, "b.csv", CSV)
    first = gather(tmp_path)
    drop(tmp_path, "b.csv", CSV.replace("Sans lien", "Toujours sans lien"), age=30)
    drop(tmp_path, "a.xml", RSS, age=20)  # touched, and the same
    second = gather(tmp_path, after(first))
    assert titles(second) == {"Un quai; électrifié", "Toujours sans lien"}
    assert titles(gather(tmp_path, after(second))) == set()


def test_a_file_that_is_being_written_waits(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", CSV[:30], age=2)
    found = gather(tmp_path)
    assert (found.parsed.items, found.parsed.unparsed) == ((), ())
    drop(tmp_path, "a.csv", CSV, age=6)
    assert len(gather(tmp_path, after(found)).parsed.items) == 2


def test_a_clock_ahead_of_ours_holds_nothing_up(tmp_path: Path) -> None:
    drop(tmp_path, "a.xml", RSS, age=-3_600)
    assert titles(gather(tmp_path)) == {"Un"}


def test_other_columns_read_a_known_file_again(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", "Sujet,Rubrique\nUn quai neuf,Port\n")
    first = gather(tmp_path)
    assert first.parsed.items == ()
    assert first.parsed.unparsed[0].reason == "no column of titles or links"
    second = gather(tmp_path, after(first), columns={"title": "Sujet", "categories": "rubrique"})
    assert [(item.title, item.categories) for item in second.parsed.items] == [
        ("Un quai neuf", ("Port",))
    ]


def test_hidden_partial_and_outside_files_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "depot"
    for name in (".a.xml", "b.xml.part", ".git/c.xml", "d.xml~"):
        drop(folder, name, RSS)
    (folder / "link.xml").symlink_to(drop(tmp_path, "secret.xml", RSS))
    (folder / "nothing.xml").symlink_to(tmp_path / "gone")
    found = gather(folder, glob="**/*")
    assert (found.parsed.items, found.parsed.unparsed) == ((), ())


def test_a_glob_chooses_and_other_kinds_are_named_once(tmp_path: Path) -> None:
    drop(tmp_path, "lettre.docx", b"PK")
    drop(tmp_path, "2026/a.xml", RSS)
    assert titles(gather(tmp_path, glob="2026/*.xml")) == {"Un"}
    found = gather(tmp_path)
    assert found.parsed.unparsed[0].where == "lettre.docx, file"
    assert ".ris" in found.parsed.unparsed[0].reason
    assert gather(tmp_path, after(found)).parsed.unparsed == ()


def test_what_is_too_much_for_one_poll_waits_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_BYTES_A_POLL", 10)
    drop(tmp_path, "a.xml", RSS, age=90)
    drop(tmp_path, "b.csv", CSV)
    drop(tmp_path, "c.json", b"x" * 200, age=30)
    first = gather(tmp_path)
    second = gather(tmp_path, after(first))
    third = gather(tmp_path, after(second))
    assert [len(one.parsed.items) for one in (first, second, third)] == [1, 2, 0]
    assert len(third.parsed.unparsed) == 1
    assert gather(tmp_path, after(third)).parsed.unparsed == ()


def test_a_large_file_and_a_missing_folder_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 20)
    drop(tmp_path, "a.xml", RSS)
    assert gather(tmp_path).parsed.unparsed[0].reason == "more than 20 bytes"
    failure = gather(tmp_path / "x").parsed.failure
    assert failure is not None
    assert failure.kind is FailureKind.FOLDER
    assert str(tmp_path) not in failure.detail  # the archive may be published


def hangs(body: bytes, source: Source, at: datetime) -> Iterator[Item | Unparsed]:
    while body:
        time.sleep(0.01)
    yield Unparsed("never", "", b"")


def breaks(body: bytes, source: Source, at: datetime) -> Iterator[Item | Unparsed]:
    raise ValueError("what nobody thought of")
    yield Unparsed("never", "", b"")


def dies(body: bytes, source: Source, at: datetime) -> Iterator[Item | Unparsed]:
    os.kill(os.getpid(), signal.SIGTERM)
    yield Unparsed("never", "", b"")


def hoards(body: bytes, source: Source, at: datetime) -> Iterator[Item | Unparsed]:
    raise MemoryError
    yield Unparsed("never", "", b"")


@pytest.mark.parametrize(
    ("reader", "why"),
    [
        (hangs, "reading took more than 2 s"),
        (breaks, "reading stopped: ValueError: what nobody thought of"),
        (dies, "reading broke the process (exit code -15)"),
        (hoards, "reading needed more memory than a file may have"),
    ],
)
def test_a_file_that_is_too_much_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: files.Read, why: str
) -> None:
    monkeypatch.setitem(files._READERS, ".bib", reader)
    monkeypatch.setattr(files, "_SECONDS_A_FILE", 2.0)
    drop(tmp_path, "a.xml", RSS, age=90)
    drop(tmp_path, "b.bib", BIB)
    drop(tmp_path, "c.csv", CSV, age=30)
    found = gather(tmp_path)
    assert found.parsed.failure is None
    assert titles(found) == {"Un", "Un quai; électrifié", "Sans lien"}
    assert [(one.where, one.reason) for one in found.parsed.unparsed] == [("b.bib, file", why)]
    assert gather(tmp_path, after(found)).parsed == ParsedFeed(unchanged=True)
    # Once the folder changes it is named again, but not tried: that would take its time again.
    monkeypatch.setattr(files.apart, "read", lambda work, _seconds: work())
    drop(tmp_path, "d.csv", CSV.replace("Sans lien", "Autre"), age=20)
    second = gather(tmp_path, after(found))
    assert titles(second) == {"Un quai; électrifié", "Autre"}
    assert [one.where for one in second.parsed.unparsed] == ["b.bib"]
    # Once it is changed itself, it is tried.
    monkeypatch.setitem(files._READERS, ".bib", files._bibtex)
    drop(tmp_path, "b.bib", BIB + "\n", age=10)
    assert "Une vieille chose" in titles(gather(tmp_path, after(second)))


def test_references_are_read_with_all_they_say() -> None:
    raws = [raw for raw in references.bibtex(BIB.encode(), AT, 99) if isinstance(raw, Raw)]
    assert raws[0].link == "https://doi.org/10.1234/abc.5"
    assert raws[0].author == "Marie Dupont, K. Müller"
    assert raws[0].published == datetime(2026, 11, 1, tzinfo=UTC)
    assert raws[0].language == "fr"
    assert (raws[1].link, raws[1].published) == (
        "https://a.fr/old_one",
        datetime(2019, 1, 1, tzinfo=UTC),
    )
    study, report = (raw for raw in references.ris(RIS.encode(), AT, 99) if isinstance(raw, Raw))
    assert study.link == "https://a.fr/study"
    assert study.author == "Marie Dupont, K. Müller"
    assert study.published == datetime(2026, 10, 3, tzinfo=UTC)
    assert report.guid == "10.5555/xyz"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_any_delimiter_and_encoding(delimiter: str, encoding: str) -> None:
    rows = [["Título", "Veröffentlicht", "Titel", "Link"], ["x", "3. März 2026", "Über", "/a"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    (raw,) = spreadsheet.read(text.encode(encoding), {}, AT, "de", 10)
    assert isinstance(raw, Raw)
    assert (raw.title, raw.link) == ("Über", "/a")
    assert raw.published == datetime(2026, 3, 3, tzinfo=UTC)


def test_a_column_that_is_not_there_is_named() -> None:
    parts = list(spreadsheet.read(b"Titre\nUn\n", {"url": "Adresse web"}, AT, "", 10))
    assert parts[0] == Unparsed("row 1", "no column headed 'Adresse web'", b"")
    assert isinstance(parts[1], Raw)


PIECES = st.lists(
    st.sampled_from([
        *'\n\r,;\t"|{}@=\\', "TY  - ", "ER  - ", "TI  - x", "UR  - https://a.fr/;", "title", "url",
        "@article{", "@string{", "author", " and ", "\\'", "é", "\x00", "10.1234/x", "PY  - 99",
        "XX  - ", "year = ", "2026", "Date", "\ud7ff", "  - ",
    ]),
    max_size=50,
)  # fmt: skip


@given(PIECES)
@settings(max_examples=200, deadline=None)
def test_any_file_is_read_or_named(pieces: list[str]) -> None:
    body = "".join(pieces).encode()
    source = Source(id="d", title="D", kind=Kind.FILE, url="file:x")
    for reader in (files._csv, files._bibtex, files._ris):
        for part in reader(body, source, AT):
            assert isinstance(part, Item | Unparsed)


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_named(body: bytes) -> None:
    source = Source(id="d", title="D", kind=Kind.FILE, url="file:x")
    for reader in (files._csv, files._bibtex, files._ris):
        list(reader(body, source, AT))


def test_each_kind_is_registered_once() -> None:
    assert set(kinds.PARSERS) | set(kinds.GATHERERS) == set(Kind)
    assert not set(kinds.PARSERS) & set(kinds.GATHERERS)
    assert {kind for kind in Kind if kind.local} == set(kinds.GATHERERS)


def test_a_contribution_gives_what_it_is_handed_and_nothing_by_itself() -> None:
    source = Source(id="p", title="Partenaires", kind=Kind.CONTRIBUTION)
    state = replace(STATE, etag="7")
    alone = contribution.gather(source, state, AT)
    assert (alone.parsed.items, alone.fetched.etag) == ((), "7")
    item = Item("", "", "g", "Un signalement", "")
    assert contribution.gather(source, state, AT, [item]).parsed.items == (item,)
