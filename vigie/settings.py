"""Settings: TOML files in a folder's config/, validated together.

`load(home)` reads vigie.toml, sources.toml, themes.toml, gazetteer.toml and, where it is there,
alerts.toml, and returns one frozen `Settings`, or raises `SettingsError` with every problem of
every file. Environment variables override secrets only (see `Secrets`).
"""

from __future__ import annotations

import base64
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import (
    BaseModel,
    ValidationError,
)

from vigie.alerting import AlertRule, AlertsFile, Hook, When
from vigie.errors import Problem, SettingsError
from vigie.mailing import Bounces, Mail
from vigie.model import Kind
from vigie.schema import (
    Collect,
    Coordination,
    Edition,
    Emergence,
    Entity,
    GazetteerFile,
    General,
    Grouping,
    Models,
    Part,
    Paths,
    Schedule,
    Serve,
    Source,
    SourcesFile,
    Theme,
    ThemesFile,
    VigieFile,
)
from vigie.uncollected import uncollected

FILES = ("vigie.toml", "sources.toml", "themes.toml", "gazetteer.toml")
ALERTS = "alerts.toml"  # without it nothing is alerted


class Secrets(Part):
    """What never stands in a file: taken from the environment."""

    mail_password: str = ""
    bounces_password: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Secrets:
        return cls(
            mail_password=environment.get("VIGIE_MAIL_PASSWORD", ""),
            bounces_password=environment.get("VIGIE_BOUNCES_PASSWORD", ""),
        )


def credential(source: Source, environment: Mapping[str, str] = os.environ) -> str:
    """The source's Authorization header, "" where it has none.

    The variable that `auth_env` names holds `user:password`, or `Bearer` and a token.
    """
    value = environment.get(source.auth_env, "").strip() if source.auth_env else ""
    if not value or not value.isprintable():
        return ""
    if value.startswith("Bearer "):
        return value
    return f"Basic {base64.b64encode(value.encode()).decode('ascii')}"


class Settings(Part):
    """Everything a folder's config/ says, with paths made absolute."""

    home: Path
    general: General
    paths: Paths
    collect: Collect
    models: Models
    grouping: Grouping
    emerging: Emergence
    coordination: Coordination
    mail: Mail
    bounces: Bounces
    serve: Serve
    schedule: Schedule
    editions: tuple[Edition, ...]
    sources: tuple[Source, ...]
    themes: tuple[Theme, ...]
    gazetteer: tuple[Entity, ...]
    alerts: When = When()
    alert_rules: tuple[AlertRule, ...] = ()
    hooks: tuple[Hook, ...] = ()

    def edition(self, edition_id: str = "") -> Edition:
        """The edition of that id, or the first. Raises SettingsError."""
        if not edition_id:
            return self.editions[0]
        for edition in self.editions:
            if edition.id == edition_id:
                return edition
        names = ", ".join(edition.id for edition in self.editions)
        raise SettingsError([Problem("vigie.toml", "edition", edition_id, f"one of {names}")])

    def sections(self, edition: Edition) -> tuple[Theme, ...]:
        """The edition's themes in the order of its sections."""
        by_id = {theme.id: theme for theme in self.themes}
        if edition.themes:
            return tuple(by_id[theme] for theme in edition.themes)
        return tuple(theme for theme in self.themes if theme.taxonomy == edition.taxonomy)


# ----------------------------------------------------------------------------------- reading

_File = TypeVar("_File", bound=BaseModel)


@uncollected()
def load(home: Path) -> Settings:
    """Read and validate the settings under `home`/config. Raises SettingsError."""
    problems: list[Problem] = []
    main = _validated(home, "vigie.toml", VigieFile, problems)
    sources = _validated(home, "sources.toml", SourcesFile, problems)
    themes = _validated(home, "themes.toml", ThemesFile, problems)
    gazetteer = _validated(home, "gazetteer.toml", GazetteerFile, problems)
    alerts: AlertsFile | None = AlertsFile()
    if (home / "config" / ALERTS).exists():
        alerts = _validated(home, ALERTS, AlertsFile, problems)
    problems += _cross_checks(main, sources, themes, gazetteer)
    problems += _alerts_named(alerts, sources, themes, gazetteer)
    if problems or not (main and sources and themes and gazetteer and alerts):
        raise SettingsError(problems)
    paths = Paths(**{key: home / value for key, value in main.paths})
    return Settings(
        home=home,
        general=main.vigie,
        paths=paths,
        collect=main.collect,
        models=main.models,
        grouping=main.grouping,
        emerging=main.emerging,
        coordination=main.coordination,
        mail=_at_home(main.mail, home),
        bounces=main.bounces.model_copy(
            update={"folder": main.bounces.folder and home / main.bounces.folder}
        ),
        serve=main.serve,
        schedule=main.schedule,
        editions=main.edition,
        sources=sources.source,
        themes=themes.theme,
        gazetteer=gazetteer.entity,
        alerts=alerts.alerts,
        alert_rules=alerts.alert,
        hooks=tuple(
            hook.model_copy(update={"folder": hook.folder and home / hook.folder})
            for hook in alerts.hook
        ),
    )


def _at_home(mail: Mail, home: Path) -> Mail:
    """The same, with the path of its key made absolute."""
    if mail.dkim is None:
        return mail
    return mail.model_copy(
        update={"dkim": mail.dkim.model_copy(update={"key": home / mail.dkim.key})}
    )


def _validated(home: Path, name: str, kind: type[_File], problems: list[Problem]) -> _File | None:
    path = home / "config" / name
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
        return kind.model_validate(data)
    except FileNotFoundError:
        expected = f"a file (`vigie init {home}` writes one)"
        problems.append(Problem(str(path), "", "nothing there", expected))
    except OSError as error:
        problems.append(Problem(str(path), "", error.strerror or str(error), "a readable file"))
    except UnicodeDecodeError as error:
        problems.append(Problem(str(path), "", f"a bad byte at {error.start}", "UTF-8 text"))
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(str(path), "", f"{error}", "TOML"))
    except ValidationError as error:
        problems += [_problem(path, data, detail) for detail in error.errors()]
    return None


def _problem(path: Path, data: Mapping[str, Any], detail: Any) -> Problem:
    location: Sequence[int | str] = detail["loc"]
    key = ".".join(str(step) for step in location)
    named = _named(data, location)
    found = "nothing" if detail["type"] == "missing" else _short(detail["input"])
    if detail["type"] == "extra_forbidden":
        found, expected = "an unknown key", "only the keys that the starter file shows"
    elif detail["type"] == "missing":
        expected = "a value: this key is required"
    else:
        expected = str(detail["msg"]).removeprefix("Value error, ")
    return Problem(str(path), f"{key}{named}", found, expected)


def _named(data: Any, location: Sequence[int | str]) -> str:
    """The id of the innermost table on the way, so that a person finds entry 37."""
    found = ""
    for step in location:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(data, dict) and isinstance(data.get("id"), str):
            found = f" ({data['id']})"
    return found


def _short(value: object) -> str:
    text = re.sub(r"://[^/\s]*@", "://...@", repr(value))  # a password typed into an address
    return text if len(text) <= 80 else f"{text[:77]}..."


def _cross_checks(
    main: VigieFile | None,
    sources: SourcesFile | None,
    themes: ThemesFile | None,
    gazetteer: GazetteerFile | None,
) -> list[Problem]:
    """What one file alone cannot say: ids that stand twice, and names that point nowhere."""
    problems: list[Problem] = []
    if main:
        problems += _twice("vigie.toml", "edition", (edition.id for edition in main.edition))
    if sources:
        problems += _twice("sources.toml", "source", (source.id for source in sources.source))
        # Several sources may share a mailbox, each with its own senders.
        addresses = (s.address for s in sources.source if s.kind is not Kind.MAILBOX)
        problems += _twice("sources.toml", "source", addresses, "address")
    if gazetteer:
        problems += _twice("gazetteer.toml", "entity", (entity.id for entity in gazetteer.entity))
    if themes:
        problems += _twice("themes.toml", "theme", (theme.id for theme in themes.theme))
        problems += _unknown_entities(themes, gazetteer)
        known = {theme.id for theme in themes.theme}
        for edition in main.edition if main else ():
            problems += _unknown("vigie.toml", f"edition.{edition.id}", edition.themes, known)
        for source in sources.source if sources else ():
            problems += _unknown("sources.toml", f"source.{source.id}", source.themes, known)
    if main and sources:
        editions = {edition.id for edition in main.edition}
        for source in sources.source:
            problems += _unknown(
                "sources.toml", f"source.{source.id}", source.editions, editions, "editions"
            )
    return problems


def _alerts_named(
    alerts: AlertsFile | None,
    sources: SourcesFile | None,
    themes: ThemesFile | None,
    gazetteer: GazetteerFile | None,
) -> list[Problem]:
    """Themes, entities and sources that a rule of alerts names and nobody defines."""
    if not (alerts and sources and themes and gazetteer):
        return []
    known = {
        "themes": {theme.id for theme in themes.theme},
        "entities": {entity.id for entity in gazetteer.entity},
        "sources": {source.id for source in sources.source},
    }
    return [
        problem
        for key, kind, names in alerts.named()
        for problem in _unknown(ALERTS, key, names, known[kind], kind)
    ]


def _unknown_entities(themes: ThemesFile, gazetteer: GazetteerFile | None) -> list[Problem]:
    if gazetteer is None:
        return []
    known = {entity.id for entity in gazetteer.entity}
    return [
        problem
        for theme in themes.theme
        for problem in _unknown(
            "themes.toml", f"theme.{theme.id}", theme.entities, known, "entities"
        )
    ]


def _twice(file: str, table: str, values: Iterable[str], noun: str = "id") -> list[Problem]:
    return [
        Problem(file, f"{table}.{noun}", f"{value!r} {count} times", f"each {noun} once")
        for value, count in Counter(values).items()
        if count > 1
    ]


def _unknown(
    file: str, key: str, names: Iterable[str], known: set[str], what: str = "themes"
) -> list[Problem]:
    return [
        Problem(file, f"{key}.{what}", repr(name), f"one of the {what} that the settings define")
        for name in names
        if name not in known
    ]
