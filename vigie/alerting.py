"""What alerts.toml says: rules, when alerts may go, and who wants them posted or in a folder.

The file may be missing: then nothing is alerted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from vigie.model import Severity, Tlp
from vigie.schema import LanguageCode, Nuts, Part, PhraseText, Slug, Text

OWN = "my-"  # begins the rules that are made of a recipient's own wishes
Cve = Annotated[str, Field(pattern=r"^CVE-\d{4}-(\d{1,19}\*?|\*)$")]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=80)]


class Growth(Part):
    """A story that so many sources carried within so many hours."""

    sources: Annotated[int, Field(ge=2, le=500)]
    hours: Annotated[float, Field(gt=0, le=720)] = 24.0


class AlertRule(Part):
    """What makes an alert: all that it names together, and of each list any one."""

    id: Slug
    title: Annotated[str, Field(max_length=200)] = ""  # as recipients read it; '': its id
    active: bool = True
    themes: tuple[Slug, ...] = ()
    words: tuple[PhraseText, ...] = ()
    entities: tuple[Slug, ...] = ()
    territories: tuple[Nuts, ...] = ()  # a place in one of them is named
    severity: Severity = Severity.UNSAID  # at least
    cves: tuple[Cve, ...] = ()
    vendors: tuple[Text, ...] = ()
    products: tuple[Text, ...] = ()
    risks: tuple[Text, ...] = ()  # words of what the issuer calls a risk
    sources: tuple[Slug, ...] = ()
    growth: Growth | None = None
    advisories: bool = False  # nothing but advisories
    tlp: Tlp = Tlp.CLEAR  # of what says that this rule made it
    approval: bool = False  # a person says yes before it goes

    @property
    def name(self) -> str:
        return self.title or self.id

    @model_validator(mode="after")
    def _says_something(self) -> AlertRule:
        if not self.conditions:
            raise ValueError("at least one of themes, words, entities, severity, cves, vendors ...")
        return self

    @property
    def conditions(self) -> tuple[str, ...]:
        """The names of what must hold."""
        names = ("themes", "words", "entities", "territories", "severity", "cves", "vendors")
        more = ("products", "risks", "sources", "growth")
        return tuple(name for name in (*names, *more) if getattr(self, name))


class Quiet(Part):
    """Hours in which alerts wait, in the time zone of [vigie]."""

    start: Annotated[time | None, Field(alias="from")] = None  # None: no hours
    until: time = time(7, 0)
    weekends: bool = False  # Saturdays and Sundays too
    through: Severity = Severity.CRITICAL  # this grave and more does not wait; '': all does


class When(Part):
    """How alerts leave."""

    quiet: Quiet = Quiet()
    together: Annotated[int, Field(ge=1, le=100)] = 3  # more than that go as one message
    window_minutes: Annotated[int, Field(ge=0, le=1440)] = 60  # within which they are counted
    per_day: Annotated[int, Field(ge=1, le=1000)] = 30  # alerts told one by one to a recipient
    fresh_days: Annotated[float, Field(gt=0, le=90)] = 7.0  # older news makes no alert
    merge_days: Annotated[float, Field(ge=0, le=365)] = 30.0  # since an alert's last advisory
    story_sources: Annotated[int, Field(ge=2, le=500)] = 5  # and twice, four times as many
    approval: bool = False  # of every alert, whatever its rule says
    open: bool = True  # recipients of a bulletin may choose alerts by themselves


def _hook_url(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme != "https" or not parts.hostname or "@" in parts.netloc):
        raise ValueError("an https address without a password")
    return text


class Hook(Part):
    """A machine that wants alerts: posted to it, or as files in a folder."""

    id: Slug
    url: Annotated[str, Field(max_length=2000), AfterValidator(_hook_url)] = ""
    folder: Path | None = None  # relative to the folder that holds config/
    secret_env: Variable | Literal[""] = ""  # names the variable with the key that signs
    format: Literal["json", "cap"] = "json"
    language: LanguageCode = "fr"
    clearance: Tlp = Tlp.CLEAR
    rules: tuple[Slug, ...] = ()  # empty: every rule
    severity: Severity = Severity.UNSAID  # at least, where one is said
    active: bool = True

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Hook:
        if bool(self.url) == (self.folder is not None):
            raise ValueError("either url or folder")
        if self.url and not self.secret_env:
            raise ValueError("secret_env: the variable with the key that signs what is posted")
        return self


class AlertsFile(Part):
    alerts: When = When()
    alert: tuple[AlertRule, ...] = ()
    hook: tuple[Hook, ...] = ()

    @model_validator(mode="after")
    def _names(self) -> AlertsFile:
        for what, names in (("alert", self.alert), ("hook", self.hook)):
            ids = [one.id for one in names]
            if twice := sorted({one for one in ids if ids.count(one) > 1}):
                raise ValueError(f"each {what}'s id once ({', '.join(twice)})")
        if mine := [one.id for one in self.alert if one.id.startswith(OWN)]:
            raise ValueError(f"an id that does not begin with {OWN} ({', '.join(mine)})")
        known = {one.id for one in self.alert}
        for hook in self.hook:
            if unknown := sorted(set(hook.rules) - known):
                raise ValueError(f"hook {hook.id}: no rule {', '.join(unknown)}")
        return self

    def named(self) -> Iterable[tuple[str, str, tuple[str, ...]]]:
        """(key, kind, ids) of all that other files must define."""
        for rule in self.alert:
            yield f"alert.{rule.id}", "themes", rule.themes
            yield f"alert.{rule.id}", "entities", rule.entities
            yield f"alert.{rule.id}", "sources", rule.sources
