"""The weekly message: to whoever answers for a source, only when something changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import health
from app.cli import main
from app.demo.smtp import Outbox
from app.folder import Folder, write_starter
from app.health_sentences import reasons
from app.health_words import EN, LANGUAGES
from collectors.health import judge
from vigie.archive import sources
from vigie.model import Failure, FailureKind, HealthState, PollState, SourceFacts

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
WELL = PollState(next_due=NOW, last_polled=NOW, last_ok=NOW, last_item=NOW)
GONE = Failure(FailureKind.HTTP, "404 Not Found", 404)
ILL = PollState(next_due=NOW, last_polled=NOW, failures=4, failure=GONE, ill_since=NOW)


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    sent: list[EmailMessage] = []
    monkeypatch.setattr(health, "_send", lambda _mail, letter: sent.append(letter))
    return sent


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = written(tmp_path, {"port": "mc", "phare": "mc", "quai": "lv", "digue": ""})
    polled(folder, port=WELL, phare=WELL, quai=WELL, digue=WELL)
    return folder


def written(home: Path, keepers: dict[str, str], language: str = "fr") -> Folder:
    """A folder with these sources, and whom they answer to; `mc` reads that language."""
    write_starter(home)
    for name in ("themes", "gazetteer"):
        (home / "config" / f"{name}.toml").write_text("")
    (home / "config" / "sources.toml").write_text(
        "\n".join(
            f'[[source]]\nid = "{name}"\ntitle = "Le {name}"\nurl = "https://{name}.example/f"\n'
            f'responsible = "{who}"'
            for name, who in keepers.items()
        )
    )
    folder = Folder.at(home)
    with folder.desk() as desk:
        desk.execute(
            """INSERT INTO users (handle, name, address, language, role, added_at)
               VALUES ('mc', 'Marie Cap', 'mc@region.example', ?, 'coordinator', 'x')""",
            [language],
        )
        desk.conn.commit()
    return folder


def polled(folder: Folder, **states: PollState) -> None:
    with folder.archive(NOW) as db:
        for name, state in states.items():
            sources.save_state(db, name, state)
        db.conn.commit()


def test_a_change_is_told_once_to_who_answers_for_it_and_so_is_its_end(
    folder: Folder, letters: list[EmailMessage]
) -> None:
    assert health.tell(folder, NOW) == []
    polled(folder, port=ILL, digue=ILL)
    assert health.tell(folder, NOW) == ["mc"]
    (letter,) = letters
    text = letter.get_content()
    assert letter["To"] == "Marie Cap <mc@region.example>"
    assert letter["Subject"] == "Vigie : une source à regarder"
    assert "* Le port (port) : malade depuis le 20 novembre 2026 (avant : va bien)" in text
    assert "Son adresse n'existe plus (404). 4 échecs de suite." in text
    assert "digue" not in text
    assert health.tell(folder, NOW + timedelta(days=1)) == []
    polled(folder, port=WELL)
    assert health.tell(folder, NOW + timedelta(days=2)) == ["mc"]
    assert letters[1]["Subject"] == "Vigie : une source va de nouveau bien"
    assert "* Le port (port) : va bien (avant : malade)" in letters[1].get_content()
    assert len(letters) == 2


SOME = {
    "ill": ILL,
    "refused": replace(ILL, failure=Failure(FailureKind.HTTP, "403 Forbidden", 403)),
    "silent": replace(WELL, last_item=NOW - timedelta(days=30)),
    "moved": replace(WELL, url="https://neuf.example/f", moved_at=NOW),
    "retired": replace(ILL, retired_at=NOW, retired_why="410 Gone: its server retired it"),
}


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_the_message_arrives_in_the_readers_language(tmp_path: Path, language: str) -> None:
    written(tmp_path, dict.fromkeys((*SOME, "paused"), "mc"), language)
    declared = tmp_path / "config" / "sources.toml"
    pause = 'id = "paused"\npaused_until = 2027-01-15\nnote = "refonte"'
    declared.write_text(declared.read_text().replace('id = "paused"', pause))
    polled(Folder.at(tmp_path), **SOME)
    with Outbox(tmp_path / "outbox") as outbox:
        main_file = tmp_path / "config" / "vigie.toml"
        text = main_file.read_text("utf-8")
        main_file.write_text(text.replace("port = 25\n", f"port = {outbox.port}\n"))
        assert health.tell(Folder.at(tmp_path), NOW) == ["mc"]
        assert health.tell(Folder.at(tmp_path), NOW) == []
        (received,) = outbox.received
    letter = message_from_bytes(received.path.read_bytes(), policy=SMTP)
    assert isinstance(letter, EmailMessage)
    body, words = letter.get_content(), LANGUAGES[language]
    assert received.rcpt_tos == ("mc@region.example",)
    assert letter["Content-Language"] == language
    assert letter["Subject"] == words.subject[1].format(name="Vigie", count=6)
    for name in (*SOME, "paused"):
        assert f"* Le {name} ({name})" in body
        assert words.states[HealthState(name)] in body
    assert words.note.format(note="refonte") in body
    assert "2027" in body
    assert "vigie sources settle moved" in body
    assert "vigie sources resume paused" in body
    if language != "en":  # nothing in it is half translated
        english = [*EN.states.values(), *EN.failures.values(), "usually", "in a row", "since"]
        assert [phrase for phrase in english if f": {phrase} " in body] == []


def test_every_language_says_every_state_and_failure() -> None:
    others = {
        FailureKind.HTTP,
        FailureKind.NO_TEXT,
        FailureKind.PAYWALL,
        FailureKind.RESERVED,
    }
    for words in LANGUAGES.values():
        assert set(words.states) == set(HealthState)
        # The first is said by its status; the others are of pages, not of sources.
        assert set(words.failures) == set(FailureKind) - others
        for status in (401, 403, 404, 410, 418, 429, 451, 500, 503):
            ill = replace(ILL, failure=Failure(FailureKind.HTTP, "x", status))
            facts = SourceFacts("a", True, "daily", NOW, ill)
            assert str(status) in reasons(words, judge(facts, NOW))[0]


def test_a_message_that_was_not_sent_is_told_again(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    polled(folder, port=ILL)

    def down(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(health, "_send", down)
    assert health.tell(folder, NOW) == []
    sent: list[object] = []
    monkeypatch.setattr(health, "_send", lambda *told: sent.append(told))
    assert health.tell(folder, NOW) == ["mc"]
    assert len(sent) == 1


def test_a_keeper_whom_the_desk_does_not_know_stops_nobody_else(
    folder: Folder, letters: list[EmailMessage], caplog: pytest.LogCaptureFixture
) -> None:
    polled(folder, quai=ILL, phare=ILL)
    assert health.tell(folder, NOW) == ["mc"]
    assert "no user lv at the desk" in caplog.text


MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)  # eight o'clock in Paris


@pytest.mark.parametrize(
    ("last", "now", "overdue"),
    [
        (None, MONDAY, False),
        (MONDAY - timedelta(days=7), MONDAY, True),
        (MONDAY - timedelta(days=7), MONDAY - timedelta(hours=2), False),
        (MONDAY - timedelta(minutes=30), MONDAY, False),
        (MONDAY - timedelta(days=3), MONDAY + timedelta(days=4), True),
        (MONDAY, MONDAY + timedelta(days=6), False),
    ],
)
def test_a_missed_week_is_made_up(last: datetime | None, now: datetime, overdue: bool) -> None:
    assert health.is_overdue(last, now, "Europe/Paris") is overdue


def vigie(folder: Folder, *arguments: str) -> str:
    done = CliRunner().invoke(main, ["--home", str(folder.settings.home), *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_coordinator_is_noted_and_then_reached(
    folder: Folder, letters: list[EmailMessage]
) -> None:
    polled(folder, quai=ILL)
    assert health.tell(folder, NOW) == []
    added = vigie(folder, "sources", "coordinator", "lv", "--address", "lv@region.example")
    assert "answers for 1 sources" in added
    assert health.tell(folder, NOW) == ["lv"]
    assert letters[0]["To"] == "lv <lv@region.example>"
    home = ["--home", str(folder.settings.home), "sources", "coordinator"]
    for wrong in (["a@b", "--address", "x@y.example"], ["x", "--address", "nowhere"]):
        assert CliRunner().invoke(main, [*home, *wrong]).exit_code == 2
    taken = CliRunner().invoke(main, [*home, "xy", "--address", "lv@region.example"])
    assert "somebody else's" in taken.output


def test_the_list_filters_and_sorts(folder: Folder) -> None:
    text = (folder.settings.home / "config" / "sources.toml").read_text()
    block = 'id = "port"\nlanguage = "nl"\nterritory = "FRD1"'
    (folder.settings.home / "config" / "sources.toml").write_text(
        text.replace('id = "port"', block)
    )
    day = {"port": 3, "phare": 1, "quai": 2, "digue": 0}
    polled(
        Folder.at(folder.settings.home),
        **{name: replace(WELL, last_item=NOW - timedelta(hours=n)) for name, n in day.items()},
    )

    def ids(*options: str) -> list[str]:
        return [row["id"] for row in json.loads(vigie(folder, "sources", "--json", *options))]

    assert ids("--language", "nl") == ids("--territory", "frd") == ["port"]
    assert ids("--responsible", "mc", "--sort", "last") == ["port", "phare"]
    assert ids("--responsible", "") == ["digue"]
    assert ids("--kind", "page") == []
    assert ids("--theme", "cyber") == []
    assert ids("--sort", "territory") == ["port", "digue", "phare", "quai"]
    vigie(folder, "sources", "pause", "quai", "--why", "refonte", "--until", "2099-01-01")
    assert ids("--state", "paused") == ["quai"]
    shown = vigie(folder, "sources", "show", "quai")
    assert ": paused since 2" in shown
    assert "why: until 2099-01-01: refonte" in shown
    assert "next poll" not in shown
    assert "paused: until 2099-01-01: refonte" in shown
    assert "1 paused" in vigie(folder, "sources", "health")


def test_commands_say_the_same(folder: Folder, letters: list[EmailMessage]) -> None:
    polled(folder, port=ILL)
    assert "port: ill. 404 Not Found" in vigie(folder, "sources", "health")
    assert vigie(folder, "sources", "health", "--since-last").startswith("mc: port: well -> ill.")
    assert "written to mc" in vigie(folder, "sources", "health", "--mail")
    assert "nothing new to tell" in vigie(folder, "sources", "health", "--since-last")
    assert "quai" not in vigie(folder, "sources", "--ill", "--json")
    assert '"state": "ill"' in vigie(
        folder, "sources", "--state", "ill", "--sort", "last", "--json"
    )
    shown = vigie(folder, "sources", "show", "port")
    assert "Le port (port): ill since 2026-11-20" in shown
    assert "why: 404 Not Found (4 times in a row)" in shown
