"""A published issue made again from what was frozen, and compared byte by byte."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlite_utils import Database

from digest import frozen
from vigie.archive import editing, issues
from vigie.errors import RebuildError
from vigie.model import Form, Issue, Rendered


@dataclass(frozen=True, slots=True)
class Compared:
    """One file, and whether drawing it again gave the same bytes."""

    stored: Rendered
    same: bool
    damaged: bool = False  # what is stored is not what its own hash says


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What making an issue again found."""

    issue: Issue
    template: str
    differing: tuple[str, ...]  # libraries that are not what they were, in words
    compared: tuple[Compared, ...]
    files: tuple[Rendered, ...]  # as drawn now

    @property
    def same(self) -> bool:
        return all(one.same and not one.damaged for one in self.compared)


def stored(archive: Database, issue_id: str, revision: int = 0) -> tuple[Issue, list[Rendered]]:
    """The frozen files of a revision. Raises NotFoundError, or RebuildError for damaged ones."""
    issue = issues.published(archive, issue_id, revision)
    files = issues.files(archive, issue.id, issue.revision)
    bad = [_name(file) for file in files if _hash(file.content) != file.sha256]
    if bad:
        raise RebuildError(
            issue.id, [f"{name}: the archive's copy is damaged; take a backup" for name in bad]
        )
    return issue, files


def rebuild(
    archive: Database, desk: Database, issue_id: str, revision: int = 0, trusted: str = ""
) -> Rebuilt:
    """Draw a revision again by the forms that it was published with.

    Their code is run where it is the installed one, where this Vigie has published with it, or
    where a person says its hash (`trusted`). Raises RebuildError where it may not or cannot be run.
    """
    issue = issues.published(archive, issue_id, revision)
    forms = issues.forms(archive, issue.id, issue.revision)
    files = issues.files(archive, issue.id, issue.revision)
    _expect_trust(desk, issue, forms, trusted)
    content = issues.content(archive, issue.id, issue.revision)
    languages = list(dict.fromkeys(file.language for file in files))
    drawn = frozen.again(forms.content, content, issue.id, languages)
    compared = [
        Compared(
            file,
            drawn.get((file.language, file.form.value)) == file.content,
            damaged=_hash(file.content) != file.sha256,
        )
        for file in files
    ]
    made = [
        Rendered(issue.id, issue.revision, language, Form(form), data, _hash(data))
        for (language, form), data in drawn.items()
        if form in set(Form)
    ]
    told = tuple(frozen.differing(forms.libraries))
    return Rebuilt(issue, forms.template, told, tuple(compared), tuple(made))


def _expect_trust(desk: Database, issue: Issue, forms: issues.Forms, trusted: str) -> None:
    """Forms are code: an archive that came from elsewhere must not run it by itself."""
    way_out = f"`vigie digest rebuild {issue.id} --stored` writes the files as they were published"
    if not forms.content:
        reason = f"it was published before forms were kept; {way_out}"
        raise RebuildError(issue.id, [reason])
    try:
        found = frozen.digest_of(forms.content)
    except ValueError as error:
        raise RebuildError(issue.id, [f"{error}; {way_out}"]) from error
    if found != forms.sha256:
        raise RebuildError(issue.id, [f"its forms are not what their hash says; {way_out}"])
    own = editing.own_forms(desk) | {frozen.bundle().sha256, trusted}
    if found not in own:
        raise RebuildError(
            issue.id,
            [
                (
                    f"its forms {forms.template} were not published with by this Vigie, and making"
                    f" it again runs their code; {way_out}, and `--trust {found}` runs them"
                ),
            ],
        )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _name(file: Rendered) -> str:
    return f"{file.language}.{file.form.value}"
