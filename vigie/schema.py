"""What may stand in the four settings files: a class for each table, and what its values may be."""

from __future__ import annotations

import ipaddress
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from vigie import kinds, phrases
from vigie.mailing import Bounces, Mail, public_url
from vigie.model import Kind, Limits, Rights

LanguageCode = Literal["fr", "nl", "de", "en"]
LANGUAGES: tuple[LanguageCode, ...] = ("fr", "nl", "de", "en")

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


class Part(BaseModel):
    """A table: what it does not know is an error, and nothing changes it afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# ------------------------------------------------------------------------------- vigie.toml


class General(Part):
    name: Text = "Vigie"
    language: LanguageCode = "fr"
    timezone: Annotated[str, AfterValidator(_timezone)] = "Europe/Paris"


class Paths(Part):
    """Relative to the folder that holds config/."""

    archive: Path = Path("data/archive.db")
    desk: Path = Path("data/desk.db")
    models: Path = Path("data/models")
    bulletin: Path = Path("data/bulletin")


class Collect(Part):
    seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    max_bytes: Annotated[int, Field(ge=10_000, le=100_000_000)] = 10_000_000
    redirects: Annotated[int, Field(ge=0, le=20)] = 5
    per_host: Annotated[int, Field(ge=1, le=64)] = 2
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


class Models(Part):
    """Which models are in force. A name that cannot be loaded is an error, never replaced."""

    entities: Text | dict[LanguageCode, Text] = "vigie"
    vectors: Text = "vigie"
    threads: Annotated[int, Field(ge=0, le=256)] = 0  # of torch on a CPU; 0: its own choice
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"


class Grouping(Part):
    window_days: Annotated[float, Field(gt=0, le=90)] = 7.0
    near_duplicate: Annotated[float, Field(gt=0, le=1)] | None = None  # None: the model's own
    story: Annotated[float, Field(gt=0, le=1)] | None = None


class Edition(Part):
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
    open: bool = True  # a recipient of another edition may choose this one by themselves


class Serve(Part):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8321
    url: Annotated[str, AfterValidator(public_url)] = ""  # as recipients reach it; '': not at all


class Schedule(Part):
    every_minutes: Annotated[int, Field(ge=1, le=1440)] = 10


class VigieFile(Part):
    vigie: General = General()
    paths: Paths = Paths()
    collect: Collect = Collect()
    models: Models = Models()
    grouping: Grouping = Grouping()
    mail: Mail = Mail()
    bounces: Bounces = Bounces()
    serve: Serve = Serve()
    schedule: Schedule = Schedule()
    edition: Annotated[tuple[Edition, ...], Field(min_length=1)]


# ----------------------------------------------------- sources.toml, themes.toml, gazetteer.toml


class Source(Part):
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


def _phrase(text: str) -> str:
    phrases.parse(text)
    return text


PhraseText = Annotated[Text, AfterValidator(_phrase)]
Nuts = Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{0,3}$")]


class Rules(Part):
    """Phrases of one language: one of `any`, or two of `two`, none of `not`; see `phrases`."""

    any: tuple[PhraseText, ...] = ()
    two: tuple[PhraseText, ...] = ()
    none: Annotated[tuple[PhraseText, ...], Field(alias="not")] = ()


class Theme(Part):
    id: Slug
    taxonomy: Slug = "regional"
    labels: FourLabels
    description: Labels = {}
    examples: tuple[Annotated[str, Field(min_length=20, max_length=2000)], ...] = ()
    entities: tuple[Slug, ...] = ()
    places: tuple[Nuts, ...] = ()  # a place in one of these is weak evidence, as an entity is
    within: tuple[Nuts, ...] = ()  # where given, a place in one of these must be named
    rules: dict[LanguageCode, Rules] = {}


class Entity(Part):
    id: Slug
    label: Literal["PER", "LOC", "ORG", "MISC"]
    kind: Slug = "organisation"
    country: Annotated[str, Field(pattern=r"^([A-Z]{2,3})?$")] = ""
    names: Annotated[Labels, Field(min_length=1)]
    aliases: tuple[Text, ...] = ()
    shared: tuple[
        Text, ...
    ] = ()  # forms of another entity, meant where the text is of this country
    exact: bool = False
    wikidata: Annotated[str, Field(pattern=r"^(Q[1-9][0-9]*)?$")] = ""
    nuts: Annotated[str, Field(pattern=r"^([A-Z]{2}[A-Z0-9]{0,3})?$")] = ""
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None

    @property
    def name(self) -> str:
        """The display name: French first, then as the languages are ordered."""
        return next(self.names[code] for code in LANGUAGES if code in self.names)


class SourcesFile(Part):
    source: tuple[Source, ...] = ()


class ThemesFile(Part):
    theme: tuple[Theme, ...] = ()


class GazetteerFile(Part):
    entity: tuple[Entity, ...] = ()
