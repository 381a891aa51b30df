"""What a source may say of its password, its keeper and the reservations of its publisher."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.folder import write_starter
from vigie.errors import SettingsError
from vigie.schema import Source
from vigie.settings import credential, load


def source(**more: str) -> Source:
    return Source(**{"id": "port", "title": "Port", "url": "https://port.example/f", **more})  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "https://lecteur:secret@port.example/f"),
        ("url", "https://lecteur@port.example/f"),
        ("responsible", "mc@region.example"),
        ("auth_env", "lower case"),
        ("tdm_override", "yes"),
    ],
)
def test_refused(field: str, value: str) -> None:
    with pytest.raises(ValidationError):
        source(**{field: value})


def test_a_refused_password_is_not_repeated(tmp_path: Path) -> None:
    write_starter(tmp_path)
    (tmp_path / "config" / "sources.toml").write_text(
        '[[source]]\nid = "port"\ntitle = "Port"\nurl = "https://lecteur:secret@port.example/f"\n'
    )
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert "auth_env" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_at_sign_in_a_path_is_no_password() -> None:
    assert source(url="https://port.example/@press/feed").url


@pytest.mark.parametrize(
    ("value", "header"),
    [
        ("lecteur:secret", "Basic bGVjdGV1cjpzZWNyZXQ="),
        ("Bearer abc.def", "Bearer abc.def"),
        (" lecteur:secret\n", "Basic bGVjdGV1cjpzZWNyZXQ="),
        ("Bearer abc\r\nX-Evil: 1", ""),
        ("", ""),
    ],
)
def test_a_credential_comes_from_the_environment(value: str, header: str) -> None:
    assert credential(source(auth_env="PORT_FEED"), {"PORT_FEED": value}) == header
    assert credential(source(), {"PORT_FEED": value}) == ""


def test_rules_on_article_pages_are_for_kinds_whose_pages_are_fetched() -> None:
    rules = {"content": "div.corps", "remove": [".pub"]}
    assert source(url="https://port.example/f", article=rules).article
    with pytest.raises(ValueError, match="CSS selector"):
        source(url="https://port.example/f", article={"content": "div["})
    mailbox = {"host": "imap.port.example", "user": "veille"}
    with pytest.raises(ValueError, match="not followed"):
        source(kind="mailbox", url="", mailbox=mailbox, article=rules)
