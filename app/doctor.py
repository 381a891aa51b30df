"""`vigie doctor`: what is installed, what is in force, what is wrong. It changes nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from digest.addresses import mailbox
from digest.sign import Signer
from enrich.models.inforce import in_force
from enrich.vectors import TFIDF
from vigie import __version__
from vigie import settings as settings_module
from vigie.archive import connect, desk
from vigie.archive.readings import latest_model
from vigie.archive.sources import overview
from vigie.errors import ArchiveError, SettingsError
from vigie.settings import Settings

LEAST_FREE_BYTES = 1_000_000_000
_PACKAGES = (
    *("feedparser", "scrapy", "spacy", "scikit-learn", "sentence-transformers", "torch"),
    *("apscheduler", "sqlite-utils", "datasette", "trafilatura", "mjml-python", "typst"),
)


class Verdict(StrEnum):
    GOOD = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    verdict: Verdict
    what: str
    detail: str


def examine(home: Path) -> Iterator[Finding]:
    """Every finding, the machine's first."""
    yield from _machine()
    try:
        settings = settings_module.load(home)
    except SettingsError as error:
        for problem in error.problems:
            yield Finding(Verdict.WRONG, "settings", str(problem))
        return
    yield Finding(
        Verdict.GOOD,
        "settings",
        f"{len(settings.sources)} sources, {len(settings.themes)} themes, "
        f"{len(settings.gazetteer)} names, {len(settings.editions)} editions",
    )
    yield from _models(settings)
    yield from _disk(settings)
    yield from _databases(settings)
    yield from _mail(settings)
    yield from _alerts(settings)


def _alerts(settings: Settings) -> Iterator[Finding]:
    """How many rules there are, and which machine's key is missing."""
    active = sum(rule.active for rule in settings.alert_rules)
    if active:
        machines = f"{len(settings.hooks)} machines"
        yield Finding(Verdict.GOOD, "alerts", f"{active} rules, {machines}")
    for hook in settings.hooks:
        if hook.active and hook.secret_env and not os.environ.get(hook.secret_env):
            missing = f"the variable {hook.secret_env} is not set: nothing is posted"
            yield Finding(Verdict.WRONG, f"hook {hook.id}", missing)


def _mail(settings: Settings) -> Iterator[Finding]:
    """Whether messages can be signed and left, and what still waits to be sent."""
    if not settings.serve.url:
        missing = "[serve] url is not set: messages carry no links to leave or to change wishes"
        yield Finding(Verdict.NOTE, "mail", missing)
    try:
        Signer(settings.mail)
        mailbox(settings.mail.sender)
    except SettingsError as error:
        yield Finding(Verdict.WRONG, "mail", str(error.problems[0]))
    except ValueError as error:
        yield Finding(Verdict.WRONG, "mail", f"[mail] sender: {error}")
    if not settings.paths.desk.exists():
        return
    try:
        db = connect.read(settings.paths.desk)
        waiting = desk.unfinished(db, datetime.now(UTC))
        db.close()
    except (ArchiveError, sqlite3.DatabaseError):
        return  # `_databases` says what is the matter
    for one in waiting:
        told = f"{one.waiting} recipients wait for it: vigie digest send {one.issue}"
        yield Finding(Verdict.NOTE, one.issue, told)


def _machine() -> Iterator[Finding]:
    yield Finding(
        Verdict.GOOD,
        "vigie",
        f"{__version__}, Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}",
    )
    for package in _PACKAGES:
        try:
            yield Finding(Verdict.GOOD, package, metadata.version(package))
        except metadata.PackageNotFoundError:
            yield Finding(Verdict.WRONG, package, "not installed: pip install vigie again")


def _models(settings: Settings) -> Iterator[Finding]:
    for model in in_force(settings, _fitted(settings)):
        verdict = Verdict.WRONG if model.error else Verdict.GOOD
        detail = model.error or f"{model.name} {model.revision} ({model.origin})"
        yield Finding(verdict, f"model for {model.task}", detail)


def _fitted(settings: Settings) -> bytes | None:
    """What the archive keeps of a fitted model, when there is an archive that can be read."""
    try:
        db = connect.read(settings.paths.archive)
    except ArchiveError:
        return None  # `_databases` says what is the matter
    try:
        row = latest_model(db, "vectors", TFIDF)
        return row.state if row else None
    except sqlite3.DatabaseError:
        return None  # the same
    finally:
        db.close()


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.paths.archive.parent
    free = shutil.disk_usage(folder if folder.exists() else settings.home).free
    verdict = Verdict.GOOD if free >= LEAST_FREE_BYTES else Verdict.WRONG
    yield Finding(verdict, "disk", f"{free / 1e9:.1f} GB free in {folder}")


def _databases(settings: Settings) -> Iterator[Finding]:
    for path in (settings.paths.archive, settings.paths.desk):
        if not path.exists():
            yield Finding(Verdict.NOTE, path.name, "not there yet: `vigie run` makes it")
            continue
        try:
            db = connect.read(path)
        except ArchiveError as error:
            yield Finding(Verdict.WRONG, path.name, str(error))
            continue
        wrong = connect.check(db)
        for fault in wrong:
            yield Finding(Verdict.WRONG, path.name, fault)
        if not wrong:
            yield Finding(Verdict.GOOD, path.name, f"sound, {path.stat().st_size / 1e6:.1f} MB")
        if path == settings.paths.archive and not wrong:
            for row in overview(db):
                if row.state == "ill":
                    yield Finding(Verdict.NOTE, f"source {row.id}", row.failure)
        db.close()
