"""Settings: four TOML files in a folder's config/, validated together.

`load(home)` reads vigie.toml, sources.toml, themes.toml and gazetteer.toml and returns one frozen
`Settings`, or raises `SettingsError` with every problem of every file. Environment variables
override secrets only (see `Secrets`).
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from vigie import kinds
from vigie.errors import Problem, SettingsError
from vigie.model import Kind, Limits, Rights

LanguageCode = Literal["fr", "nl", "de", "en"]
LANGUAGES: tuple[LanguageCode, ...] = ("fr", "nl", "de", "en")
FILES = ("vigie.toml", "sources.toml", "themes.toml", "gazetteer.toml")

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Text = Annotated[str, Field(min_length=1, max_length=400)]
Labels = dict[LanguageCode, Text]


def _network(text: str) -> str:
    ipaddress.ip_network(text)
    return text


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("a time zone name such as Europe/Paris") from error
    return text


def _every_language(labels: Labels) -> Labels:
    missing = [code for code in LANGUAGES if code not in labels]
    if missing:
        raise ValueError(f"a text in each of fr, nl, de, en ({', '.join(missing)} missing)")
    return labels


FourLabels = Annotated[Labels, AfterValidator(_every_language)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# ------------------------------------------------------------------------------- vigie.toml


class General(_Part):
    name: Text = "Vigie"
    language: LanguageCode = "fr"
    timezone: Annotated[str, AfterValidator(_timezone)] = "Europe/Paris"


class Paths(_Part):
    """Relative to the folder that holds config/."""

    archive: Path = Path("data/archive.db")
    desk: Path = Path("data/desk.db")
    models: Path = Path("data/models")
    bulletin: Path = Path("data/bulletin")


class Collect(_Part):
    seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    max_bytes: Annotated[int, Field(ge=10_000, le=100_000_000)] = 10_000_000
    redirects: Annotated[int, Field(ge=0, le=20)] = 5
    per_host: Annotated[int, Field(ge=1, le=16)] = 2
    delay: Annotated[float, Field(ge=0, le=60)] = 0.5
    concurrency: Annotated[int, Field(ge=1, le=64)] = 16
    interval_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None  # None: each its own
    allow_inside: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    user_agent: Text = "Vigie/0.1 (veille collaborative)"

    def limits(self) -> Limits:
        return Limits(
            seconds=self.seconds,
            max_bytes=self.max_bytes,
            redirects=self.redirects,
            per_host=self.per_host,
            delay=self.delay,
            concurrency=self.concurrency,
            allow_inside=self.allow_inside,
            user_agent=self.user_agent,
        )


class Models(_Part):
    """Which models are in force. A name that cannot be loaded is an error, never replaced."""

    entities: Text | dict[LanguageCode, Text] = "gazetteer"
    vectors: Text = "tfidf"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"


class Grouping(_Part):
    window_days: Annotated[float, Field(gt=0, le=90)] = 7.0
    near_duplicate: Annotated[float, Field(gt=0, le=1)] | None = None  # None: the model's own
    story: Annotated[float, Field(gt=0, le=1)] | None = None


class Edition(_Part):
    id: Slug
    title: FourLabels
    language: LanguageCode = "fr"
    languages: tuple[LanguageCode, ...] = ("fr",)
    taxonomy: Slug = "regional"
    themes: tuple[Slug, ...] = ()  # order of the sections; empty: the taxonomy's own
    items_per_theme: Annotated[int, Field(ge=1, le=50)] = 5
    excerpt_words: Annotated[int, Field(ge=5, le=200)] = 40  # for what is not `full`
    publisher: Text = "Vigie"
    contact: Text = "veille@example.org"


class Mail(_Part):
    host: str = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    security: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    sender: Text = "Bulletin de veille <veille@example.org>"
    per_minute: Annotated[int, Field(ge=1, le=100_000)] = 600
    seconds: Annotated[float, Field(gt=0, le=600)] = 60.0


class Serve(_Part):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8321


class Schedule(_Part):
    every_minutes: Annotated[int, Field(ge=1, le=1440)] = 10


class VigieFile(_Part):
    vigie: General = General()
    paths: Paths = Paths()
    collect: Collect = Collect()
    models: Models = Models()
    grouping: Grouping = Grouping()
    mail: Mail = Mail()
    serve: Serve = Serve()
    schedule: Schedule = Schedule()
    edition: Annotated[tuple[Edition, ...], Field(min_length=1)]


# ----------------------------------------------------- sources.toml, themes.toml, gazetteer.toml


class Source(_Part):
    id: Slug
    title: Text
    kind: Kind = Kind.FEED
    url: Annotated[str, Field(max_length=2000, validate_default=True)] = ""
    homepage: str = ""
    language: Annotated[str, Field(pattern=r"^([a-z]{2})?$")] = ""
    territory: Annotated[str, Field(pattern=r"^[A-Z]{2,3}[A-Z0-9]{0,3}$")] = "INT"
    themes: tuple[Slug, ...] = ()
    rights: Rights = Rights.LINK
    reliability: Literal["A", "B", "C", "D", "E", "F"] = "F"
    rhythm: Literal["hourly", "daily", "weekly", "monthly"] = "daily"
    editions: tuple[Slug, ...] = ()
    active: bool = True
    paused_until: date | None = None  # not polled before that day
    note: Annotated[str, Field(max_length=1000)] = ""  # why it is paused or retired; public
    responsible: Annotated[str, Field(pattern=r"^[^@\s]*$", max_length=80)] = ""  # a handle
    auth_env: Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9_]*)?$", max_length=80)] = ""
    tdm_override: Annotated[str, Field(max_length=400)] = ""  # the reason, in words
    page: kinds.PageRules | None = None
    sitemap: kinds.SitemapRules | None = None
    advisory: Annotated[kinds.AdvisoryRules | None, Field(validate_default=True)] = None
    mailbox: Annotated[kinds.MailboxRules | None, Field(validate_default=True)] = None
    file: kinds.FileRules | None = None
    article: kinds.ArticleRules | None = None

    @property
    def address(self) -> str:
        """What is polled, in one line that may be shown to anyone: no user, no sender."""
        match self.kind:
            case Kind.MAILBOX if self.mailbox:
                return f"mailbox:{self.mailbox.host}/{self.mailbox.folder}"
            case Kind.FILE:
                return f"{self.url}/{(self.file or kinds.FileRules()).glob}"
            case Kind.CONTRIBUTION:
                return f"contribution:{self.id}"
        return self.url

    @field_validator("url")
    @classmethod
    def _url_of_its_kind(cls, url: str, info: ValidationInfo) -> str:
        return kinds.check_url(info.data["kind"], url) if "kind" in info.data else url

    @field_validator(*sorted(kinds.TABLES))
    @classmethod
    def _table_of_its_kind(cls, table: Any, info: ValidationInfo) -> Any:
        if "kind" in info.data:
            kinds.check_table(info.data["kind"], info.field_name or "", table)
        return table

    @field_validator("article")
    @classmethod
    def _of_a_kind_with_pages(
        cls, rules: kinds.ArticleRules | None, info: ValidationInfo
    ) -> kinds.ArticleRules | None:
        if "kind" in info.data:
            kinds.check_article(info.data["kind"], rules)
        return rules

    @field_validator("url")
    @classmethod
    def _without_password(cls, url: str) -> str:
        if "@" in url.partition("://")[2].partition("/")[0]:
            raise ValueError("an address without a password: `auth_env` names where that stands")
        return url

    @field_validator("tdm_override")
    @classmethod
    def _reasoned(cls, reason: str) -> str:
        if reason and len(reason.split()) < 2:
            raise ValueError("the reason in words, such as 'licence of 3 May 2026, with the press'")
        return reason


class Rules(_Part):
    """Phrases of one language: one of `any`, or two of `two`, and none of `not`."""

    any: tuple[Text, ...] = ()
    two: tuple[Text, ...] = ()
    none: Annotated[tuple[Text, ...], Field(alias="not")] = ()


class Theme(_Part):
    id: Slug
    taxonomy: Slug = "regional"
    labels: FourLabels
    description: Labels = {}
    entities: tuple[Slug, ...] = ()
    rules: dict[LanguageCode, Rules] = {}


class Entity(_Part):
    id: Slug
    label: Literal["PER", "LOC", "ORG", "MISC"]
    kind: Slug = "organisation"
    country: Annotated[str, Field(pattern=r"^([A-Z]{2,3})?$")] = ""
    names: Annotated[Labels, Field(min_length=1)]
    aliases: tuple[Text, ...] = ()
    exact: bool = False
    wikidata: Annotated[str, Field(pattern=r"^(Q[1-9][0-9]*)?$")] = ""
    nuts: Annotated[str, Field(pattern=r"^([A-Z]{2}[A-Z0-9]{0,3})?$")] = ""
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None

    @property
    def name(self) -> str:
        """The display name: French first, then as the languages are ordered."""
        return next(self.names[code] for code in LANGUAGES if code in self.names)


class SourcesFile(_Part):
    source: tuple[Source, ...] = ()


class ThemesFile(_Part):
    theme: tuple[Theme, ...] = ()


class GazetteerFile(_Part):
    entity: tuple[Entity, ...] = ()


class Secrets(_Part):
    """What never stands in a file: taken from the environment."""

    mail_password: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Secrets:
        return cls(mail_password=environment.get("VIGIE_MAIL_PASSWORD", ""))


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


class Settings(_Part):
    """Everything a folder's config/ says, with paths made absolute."""

    home: Path
    general: General
    paths: Paths
    collect: Collect
    models: Models
    grouping: Grouping
    mail: Mail
    serve: Serve
    schedule: Schedule
    editions: tuple[Edition, ...]
    sources: tuple[Source, ...]
    themes: tuple[Theme, ...]
    gazetteer: tuple[Entity, ...]

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


def load(home: Path) -> Settings:
    """Read and validate the settings under `home`/config. Raises SettingsError."""
    problems: list[Problem] = []
    main = _validated(home, "vigie.toml", VigieFile, problems)
    sources = _validated(home, "sources.toml", SourcesFile, problems)
    themes = _validated(home, "themes.toml", ThemesFile, problems)
    gazetteer = _validated(home, "gazetteer.toml", GazetteerFile, problems)
    problems += _cross_checks(main, sources, themes, gazetteer)
    if problems or main is None or sources is None or themes is None or gazetteer is None:
        raise SettingsError(problems)
    paths = Paths(**{key: home / value for key, value in main.paths})
    return Settings(
        home=home,
        general=main.vigie,
        paths=paths,
        collect=main.collect,
        models=main.models,
        grouping=main.grouping,
        mail=main.mail,
        serve=main.serve,
        schedule=main.schedule,
        editions=main.edition,
        sources=sources.source,
        themes=themes.theme,
        gazetteer=gazetteer.entity,
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
