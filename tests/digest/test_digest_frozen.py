"""The forms that drew an issue draw it again, byte for byte, whatever is installed now."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from pydantic import TypeAdapter

from digest import frozen
from digest.frozen.bundle import unpacked
from digest.publish import freeze
from vigie.errors import PublishError
from vigie.model import Issue

MakeIssue = Callable[..., Issue]


def as_json(issue: Issue) -> str:
    return TypeAdapter(Issue).dump_json(issue).decode()


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_bundle_holds_all_that_draws_and_nothing_that_knows_people() -> None:
    bundle = frozen.bundle()
    names = set(unpacked(bundle.content))
    assert {"digest/render/view.py", "vigie/model/bulletin.py"} <= names
    assert "digest/locale/nl/LC_MESSAGES/digest.po" in names
    assert not any(name.startswith(("vigie/archive", "app", "digest/send")) for name in names)
    assert {"typst", "mjml-python", "Jinja2", "babel", "python"} <= dict(bundle.libraries).keys()


def test_a_bundle_is_named_by_what_is_in_it_however_it_is_packed() -> None:
    bundle = frozen.bundle()
    assert bundle.template.endswith(f"-{bundle.sha256[:12]}")
    files = unpacked(bundle.content)
    assert frozen.digest_of(packed(files)) == bundle.sha256
    changed = files | {"vigie/errors.py": b"# another"}
    assert frozen.digest_of(packed(changed)) != bundle.sha256


@pytest.mark.slow
def test_the_same_forms_give_the_same_bytes_in_a_process_of_their_own(issue: MakeIssue) -> None:
    made = issue()
    drawn = frozen.again(frozen.bundle().content, as_json(made), made.id, ["fr", "nl"])
    now = {(f.language, f.form.value): f.content for f in freeze(made, ("fr", "nl"))}
    assert drawn == now


@pytest.mark.slow
def test_earlier_forms_draw_as_they_did_and_not_as_the_installed_ones_do(issue: MakeIssue) -> None:
    files = unpacked(frozen.bundle().content)
    name = "digest/templates/bulletin.txt.j2"
    files[name] = b"EARLIER\n" + files[name]
    made = issue()
    drawn = frozen.again(packed(files), as_json(made), made.id, ["fr"])
    assert drawn["fr", "txt"].startswith(b"EARLIER\n")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"digest/__init__.py": b"", "../evil.py": b""}, "strange name"),
        ({"os.py": b""}, "strange name"),
        ({"digest/frozen/redraw.py": b"raise SystemExit('no mjml here')"}, "cannot draw"),
    ],
)
def test_forms_that_cannot_draw_are_told(
    files: dict[str, bytes], told: str, issue: MakeIssue
) -> None:
    made = issue()
    with pytest.raises(PublishError, match=told):
        frozen.again(packed(files), as_json(made), made.id, ["fr"])


def test_what_is_no_bundle_is_told(issue: MakeIssue) -> None:
    with pytest.raises(PublishError, match="cannot be unpacked"):
        frozen.again(b"not a zip", as_json(issue()), "x", ["fr"])


def test_libraries_that_differ_are_named() -> None:
    then = dict(frozen.bundle().libraries)
    assert frozen.differing(then) == []
    told = frozen.differing(then | {"typst": "0.1.0", "gone": "1"})
    assert any(line.startswith("typst was 0.1.0, is ") for line in told)
    assert "gone was 1, is not installed" in told
    del then["babel"]
    assert any(line.startswith("babel is new here") for line in frozen.differing(then))
