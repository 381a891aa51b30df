"""The weekly message: to whoever answers for a source, only when something changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import health
from app.cli import main
from app.folder import Folder, write_starter
from vigie.archive import sources
from vigie.model import Failure, FailureKind, PollState

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
    write_starter(tmp_path)
    keepers = {"port": "mc", "phare": "mc", "quai": "lv", "digue": ""}
    (tmp_path / "config" / "sources.toml").write_text(
        "\n".join(
            f'[[source]]\nid = "{name}"\ntitle = "Le {name}"\nurl = "https://{name}.example/f"\n'
            f'responsible = "{who}"'
            for name, who in keepers.items()
        )
    )
    folder = Folder.at(tmp_path)
    with folder.desk() as desk:
        desk.execute(
            """INSERT INTO users (handle, name, address, language, role, added_at)
               VALUES ('mc', 'Marie Cap', 'mc@region.example', 'fr', 'coordinator', 'x')"""
        )
        desk.conn.commit()
    polled(folder, port=WELL, phare=WELL, quai=WELL, digue=WELL)
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
    assert letter["Subject"] == "Vigie : 1 source(s) à regarder"
    assert "Le port (port)" in text
    assert "va bien -> malade" in text
    assert "404 Not Found (4 times in a row)" in text
    assert "digue" not in text
    assert health.tell(folder, NOW + timedelta(days=1)) == []
    polled(folder, port=WELL)
    assert health.tell(folder, NOW + timedelta(days=2)) == ["mc"]
    assert "malade -> va bien" in letters[1].get_content()
    assert len(letters) == 2


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
