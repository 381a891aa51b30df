"""What may stand in the four settings files: a class for each table, and what its values may be."""

from __future__ import annotations

import ipaddress
import re
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
    model_validator,
)

from vigie import kinds, phrases, rhythms
from vigie.mailing import Bounces, Mail, public_url
from vigie.model import Kind, Limits, Rights

LanguageCode = Literal["fr", "nl", "de", "en"]
ALERTS = "alerts"  # the list of alerts: beside the editions one may be on it, and leave it
LANGUAGES: tuple[LanguageCode, ...] = ("fr", "nl", "de", "en")

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Text = Annotated[str, Field(min_length=1, max_length=400)]
Labels = dict[LanguageCode, Text]
Nuts = Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z0-9]{0,3}$")]


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
    near_duplicate: Annotated[float, Field(gt=0, le=1)] | None = None  # None: our own
    story: Annotated[float, Field(gt=0, le=1)] | None = None


SectionName = Literal["themes", "signals", "outside", "elsewhere", "alerts", "agenda"]
Severity = Literal["critical", "high", "medium", "low"]


def _color(text: str) -> str:
    """WCAG 2.2, 1.4.3: white text on it has a contrast of at least 4.5 to 1."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError("a colour such as #12355b")
    parts = [int(text[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    if 1.05 / (luminance + 0.05) < 4.5:
        raise ValueError("a darker colour: white text on this one cannot be read by everyone")
    return text.lower()


class Sizes(Part):
    """How many items a section holds at most; what a person keeps is never cut."""

    signals: Annotated[int, Field(ge=1, le=50)] = 5
    outside: Annotated[int, Field(ge=1, le=50)] = 3
    elsewhere: Annotated[int, Field(ge=1, le=50)] = 5
    alerts: Annotated[int, Field(ge=1, le=50)] = 8
    agenda: Annotated[int, Field(ge=1, le=50)] = 10


class Calendar(Part):
    """When an issue is due to be drafted: by rhythm, or by one of cron and RRULE."""

    rhythm: Literal["weekly", "monthly", "quarterly", "never"] = "quarterly"
    at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = "08:00"
    cron: Annotated[str, Field(max_length=200)] = ""  # minute hour day month weekday
    rrule: Annotated[str, Field(max_length=400)] = ""  # RFC 5545, such as FREQ=MONTHLY;BYMONTHDAY=1
    covers: Literal["", "week", "month", "quarter", "between"] = ""  # '': what goes with the rhythm

    @field_validator("cron", "rrule")
    @classmethod
    def _read(cls, text: str, info: ValidationInfo) -> str:
        if text:
            (rhythms.crontab if info.field_name == "cron" else rhythms.rule)(text)
        return text

    @model_validator(mode="after")
    def _one(self) -> Calendar:
        if self.cron and self.rrule:
            raise ValueError("one of cron and rrule, not both")
        return self


class Emergence(Part):
    """What may rise by itself. The words are explained in docs/emerging.md."""

    false_alarms_per_month: Annotated[float, Field(gt=0, le=100)] = 1.0  # by chance alone
    times: Annotated[float, Field(ge=1, le=100)] = 3.0  # what its past makes likely, at least
    min_sources: Annotated[int, Field(ge=2, le=50)] = 3  # publishers with a text of their own
    past_days: Annotated[int, Field(ge=7, le=120)] = 28  # that are looked at, the last one included
    new_days: Annotated[int, Field(ge=1, le=90)] = 7  # a name is new if nobody wrote it before
    quiet_days: Annotated[float, Field(gt=0, le=90)] = 3.0  # after which a signal has ended
    every_hours: Annotated[float, Field(ge=0.5, le=168)] = 6.0  # between two looks

    @property
    def looks_a_day(self) -> float:
        return 24.0 / self.every_hours


class Coordination(Part):
    """The same text at several sources, none of which credits an agency: what is shown of it."""

    days: Annotated[int, Field(ge=1, le=366)] = 30  # that are looked at
    hours: Annotated[float, Field(gt=0, le=168)] = 24.0  # from the first text to the last
    min_sources: Annotated[int, Field(ge=2, le=100)] = 3


def _no_list_of_its_own(name: str) -> str:
    if name == ALERTS:
        raise ValueError(f"another id: {ALERTS} is the list of alerts")
    return name


class Edition(Part):
    id: Annotated[Slug, AfterValidator(_no_list_of_its_own)]
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
    territories: tuple[Nuts, ...] = ()  # its own; what happens outside is "elsewhere"
    sections: tuple[SectionName, ...] = (
        "themes",
        "signals",
        "outside",
        "elsewhere",
        "alerts",
        "agenda",
    )
    sizes: Sizes = Sizes()
    alerts_from: Severity = "high"  # which advisories the section of alerts holds
    required: tuple[Literal["place", "credibility", "comment"], ...] = ()  # of each item
    color: Annotated[str, AfterValidator(_color)] = "#12355b"
    header: Annotated[str, Field(max_length=120)] = ""  # where a logo would stand; '': publisher
    sender: Annotated[str, Field(max_length=400)] = ""  # '': [mail] sender
    reply_to: Annotated[str, Field(max_length=400)] = ""  # '': the sender
    calendar: Calendar = Calendar()

    @field_validator("sections")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names) or "themes" not in names:
            raise ValueError("each section once, themes among them")
        return names


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
    emerging: Emergence = Emergence()
    coordination: Coordination = Coordination()
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
