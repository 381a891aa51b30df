"""`vigie models`: what is here and in force, cards, and fetching where no network is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.folder import write_starter
from enrich.models import installed, pull
from enrich.models.installed import Pulled, read_record, write_record
from vigie.errors import ModelError

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
REPOSITORY = "phare/petit"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def vigie(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_starter(tmp_path)
    return tmp_path


def test_what_is_here_and_in_force_is_listed(home: Path) -> None:
    (home / "data/models").mkdir(parents=True)
    write_record(home / "data/models", Pulled(REPOSITORY, "sentence-transformers", COMMIT, "2026"))
    done = vigie("--home", str(home), "models")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert any(line.startswith("* vectors   vigie  vigie-vectors-") for line in lines), lines
    assert any(line.startswith("  vectors   tfidf") for line in lines)
    assert any(line.startswith("* entities  gazetteer") for line in lines)
    assert f"  vectors   {REPOSITORY}  {COMMIT[:12]}" in lines
    assert "STSb" in done.output


def test_a_card_is_shown_and_one_that_is_not_there_is_said() -> None:
    shown = vigie("models", "show", "vectors")
    assert shown.exit_code == 0
    assert "What it is bad at" in shown.output
    assert "CC BY-SA 4.0" in shown.output
    other = vigie("models", "show", "fr_core_news_md")
    assert other.exit_code == 1
    assert "cards: " in other.output


class Hub(BaseHTTPRequestHandler):
    """As much of a hub as one fetching needs: one repository of one commit and one file."""

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        if "/tree/" in self.path:
            files = [{"type": "file", "path": "config.json", "oid": "e1", "size": 2}]
            data, extra = json.dumps(files).encode(), {"Content-Type": "application/json"}
        elif f"/api/models/{REPOSITORY}" in self.path:
            files = [{"rfilename": "config.json"}]
            said = {"id": REPOSITORY, "sha": COMMIT, "siblings": files, "private": False}
            data, extra = json.dumps(said).encode(), {"Content-Type": "application/json"}
        elif self.path.startswith(f"/{REPOSITORY}/resolve/"):
            data = b"{}"
            extra = {"ETag": '"e1"', "X-Repo-Commit": COMMIT, "Content-Type": "text/plain"}
        else:
            self.send_error(404)
            return
        self.send_response(200)
        for name, value in {**extra, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def point_at(monkeypatch: pytest.MonkeyPatch, address: str, cache: Path) -> None:
    from huggingface_hub import constants  # noqa: PLC0415 (a second)

    for name in ("ENDPOINT", "HUGGINGFACE_CO_URL_HOME"):
        monkeypatch.setattr(constants, name, address, raising=False)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))


def test_what_a_hub_gives_is_kept_with_its_commit(
    hub: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(monkeypatch, hub, tmp_path / "cache")
    done = vigie("--home", str(home), "models", "pull", REPOSITORY)
    assert done.exit_code == 0, done.output
    (record,) = read_record(home / "data/models")
    assert (record.name, record.revision) == (REPOSITORY, COMMIT)
    assert list((tmp_path / "cache").rglob("config.json"))
    assert f'vectors = "{REPOSITORY}"' in done.output


def test_where_nothing_answers_it_is_said_and_nothing_recorded(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(monkeypatch, "http://127.0.0.1:9", tmp_path / "cache")
    done = vigie("--home", str(home), "models", "pull", "intfloat/multilingual-e5-small")
    assert done.exit_code == 1
    assert "could not be fetched" in done.output
    assert "copy its folder here" in done.output
    assert not (home / "data/models").exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "http://x.example/m", "a b", "-rf", ""])
def test_a_name_that_is_none_is_refused_before_any_connection(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no name of a model"):
        pull.pull(name, tmp_path, NOW)


def test_a_pipeline_whose_download_fails_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull.sys, "executable", "/bin/false")
    with pytest.raises(ModelError, match="fr_core_news_md could not be fetched"):
        pull.pull("fr_core_news_md", tmp_path, NOW)
    assert read_record(tmp_path) == []


def test_a_record_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / installed.RECORD).write_text("[", "utf-8")
    with pytest.raises(ModelError, match=r"pulled\.json cannot be read"):
        read_record(tmp_path)
