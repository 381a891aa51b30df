"""What new articles come to: a new alert, an update of one, or nothing, each with its reason. Pure.

The doctrine:

1. An advisory is known by its issuer's reference, and each of its states by the issuer's revision.
   A pair (reference, revision) is dealt with once, for ever: fetched again, by whatever source and
   however often, it sends nothing. A revision earlier than one that is known sends nothing either.
2. A new revision of an advisory that was alerted is one update, also where it no longer meets the
   rule: who was told that they are concerned is told that they no longer are.
3. Advisories on one matter (see `same`) are one alert that names all. Another advisory on a matter
   that was alerted joins it in silence: it is named from then on, and goes only to those whose
   rules it meets and who were not told. It is an update only where it says that the matter is
   graver than was told, or comes from an issuer that the alert names already. So a matter is sent
   again for its second issuer at most once for each step of severity.
4. What has no reference is known by its story. A story is alerted once, and again only when its
   sources reach the next step: `story_sources`, twice, four times as many ...
5. What changes before anyone looked (in the same look) makes no revision of its own.
6. News older than `fresh_days`, or from before the first look, makes no new alert.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from digest.alerts.match import matches
from digest.alerts.same import is_earlier, is_same, name_of, seen_of
from digest.alerts.severity import folded, grade
from digest.quote import FULL_WORDS, cut
from vigie.alerting import AlertRule, When
from vigie.model import (
    Advisory,
    AdvisoryNamed,
    Alert,
    Alertable,
    AlertKind,
    Decided,
    How,
    Match,
    Note,
    Rights,
    Seen,
    Standing,
    Tlp,
)

T = TypeVar("T")
MOST_PRODUCTS = 500  # of an alert: some advisories name tens of thousands
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclasses.dataclass(slots=True)
class _Matter:
    """An alert under way through one look."""

    alert: Alert
    seen: set[Seen]
    last: datetime
    touched: bool = False  # made, or made anew, in this look


def decide(
    facts: Iterable[Alertable],
    rules: Sequence[AlertRule],
    known: Iterable[Standing],
    when: When,
    words: int,
    now: datetime,
    since: datetime | None = None,
) -> Decided:
    """Look at articles in order of publication. `words` caps a quote of what is not `full`.

    What is older than `since`, or than `fresh_days`, makes no new alert.
    """
    look = _Look(rules, known, when, words, now, since)
    ordered = sorted(facts, key=lambda fact: (fact.published, fact.article))
    notes = tuple(look.at(fact) for fact in ordered)
    return Decided(tuple(look.changed.values()), notes)


class _Look:
    def __init__(
        self,
        rules: Sequence[AlertRule],
        known: Iterable[Standing],
        when: When,
        words: int,
        now: datetime,
        since: datetime | None,
    ) -> None:
        self._rules, self._when, self._words, self._now = rules, when, words, now
        fresh = now - timedelta(days=when.fresh_days)
        self._earliest = max(fresh, since) if since else fresh
        self._matters = {
            one.alert.key: _Matter(one.alert, set(one.seen), one.last or one.alert.at)
            for one in known
        }
        self._names = {
            seen.name: key for key, matter in self._matters.items() for seen in matter.seen
        }
        self.changed: dict[str, Alert] = {}

    def at(self, fact: Alertable) -> Note:
        if fact.advisory is not None:
            return self._advisory(fact, fact.advisory)
        return self._story(fact)

    # ------------------------------------------------------------------------- advisories

    def _advisory(self, fact: Alertable, advisory: Advisory) -> Note:
        seen = seen_of(fact, advisory)
        if matter := self._matters.get(self._names.get(seen.name, "")):
            return self._revised(fact, advisory, seen, matter)
        found = matches(fact, self._rules)
        matter = self._same(fact, advisory)
        if matter is not None:
            return self._joined(fact, advisory, seen, matter, found)
        if not found:
            return Note(fact.public_id, How.NONE, "no rule")
        if not self._fresh(fact, advisory):
            return Note(fact.public_id, How.OLD, f"older than {self._earliest:%Y-%m-%d %H:%M}")
        alert = self._new(fact, name_of(advisory), AlertKind.ADVISORY, found)
        severity, why = grade(advisory)
        alert = dataclasses.replace(
            alert,
            severity=severity,
            severity_why=why,
            tlp=advisory.tlp or Tlp.CLEAR,
            cves=advisory.cves,
            vendors=advisory.vendors,
            products=advisory.products[:MOST_PRODUCTS],
            risks=advisory.risks,
            advisories=(_named(fact, advisory),),
        )
        return self._made(fact, alert, seen)

    def _revised(self, fact: Alertable, advisory: Advisory, seen: Seen, matter: _Matter) -> Note:
        """The next revision of a reference that was alerted."""
        key = matter.alert.key
        if seen in matter.seen:
            return Note(fact.public_id, How.AGAIN, "this revision was dealt with", key, seen)
        before = [one.revision for one in matter.seen if one.name == seen.name]
        matter.seen.add(seen)
        if any(is_earlier(seen.revision, one) for one in before):
            return Note(fact.public_id, How.OLD, "earlier than a revision that is known", key, seen)
        severity, why = grade(advisory)
        own = len(matter.alert.advisories) == 1  # then what it no longer says is taken back
        alert = _with(matter.alert, fact, advisory, replace=own)
        if own or severity.rank > alert.severity.rank:
            alert = dataclasses.replace(alert, severity=severity, severity_why=why)
        if matter.alert.article == fact.article:
            alert = self._retold(alert, fact)
        said = f"{advisory.reference}, {seen.revision}"
        alert = dataclasses.replace(
            alert, matches=_united(alert.matches, matches(fact, self._rules))
        )
        return self._update(fact, matter, alert, said, seen)

    def _joined(
        self,
        fact: Alertable,
        advisory: Advisory,
        seen: Seen,
        matter: _Matter,
        found: tuple[Match, ...],
    ) -> Note:
        """Another advisory on a matter that was alerted."""
        matter.seen.add(seen)
        self._names[seen.name] = matter.alert.key
        severity, why = grade(advisory)
        graver = severity.rank > matter.alert.severity.rank
        alert = _with(matter.alert, fact, advisory, replace=False)
        if graver:
            alert = dataclasses.replace(alert, severity=severity, severity_why=why)
        alert = dataclasses.replace(alert, matches=_united(alert.matches, found))
        ours = {folded(one.issuer) for one in matter.alert.advisories}
        if (graver or folded(advisory.issuer) in ours) and not matter.touched:
            said = f"{advisory.issuer}, {advisory.reference}"
            said += f": {severity.value}" if graver else ""
            return self._update(fact, matter, alert, said, seen)
        return self._join(fact, matter, alert, f"{advisory.issuer} on a matter that is told", seen)

    def _same(self, fact: Alertable, advisory: Advisory) -> _Matter | None:
        """The last alert on the same matter to which anything came of late."""
        since = self._now - timedelta(days=self._when.merge_days)
        for matter in reversed(self._matters.values()):
            if matter.last >= since and is_same(fact, advisory, matter.alert):
                return matter
        return None

    # ---------------------------------------------------------------------------- stories

    def _story(self, fact: Alertable) -> Note:
        found = matches(fact, self._rules)
        sources = tuple(sorted({one.source for one in fact.carried} or {fact.source}))
        step = growth_step(len(sources), self._when.story_sources)
        matter = self._of_story(fact)
        if matter is not None:
            alert = dataclasses.replace(
                matter.alert,
                sources=sources,
                story=fact.story,
                articles=_plus(matter.alert.articles, (fact.article,)),
                matches=_united(matter.alert.matches, found),
            )
            if step > alert.step:
                alert = dataclasses.replace(alert, step=step)
                return self._update(fact, matter, alert, f"{len(sources)} sources", None)
            return self._join(fact, matter, alert, "its story is told", None)
        if not found:
            return Note(fact.public_id, How.NONE, "no rule")
        if not self._fresh(fact, None):
            return Note(fact.public_id, How.OLD, f"older than {self._earliest:%Y-%m-%d %H:%M}")
        alert = self._new(fact, fact.story or fact.public_id, AlertKind.STORY, found)
        alert = dataclasses.replace(alert, story=fact.story, sources=sources, step=step)
        return self._made(fact, alert, None)

    def _of_story(self, fact: Alertable) -> _Matter | None:
        """By the story's id, or by an article that it shares where stories were regrouped."""
        found = self._matters.get(fact.story or fact.public_id)
        if found is not None and found.alert.kind is AlertKind.STORY:
            return found
        for matter in self._matters.values():
            alert = matter.alert
            if alert.kind is AlertKind.STORY and (
                fact.article in alert.articles or (fact.story and fact.story == alert.story)
            ):
                return matter
        return None

    # ------------------------------------------------------------------------------- both

    def _fresh(self, fact: Alertable, advisory: Advisory | None) -> bool:
        dates = [fact.published]
        if advisory and fact.revision > 1:  # press that touches up old articles makes no news
            dates.append(fact.seen_at)
        if advisory and (match := _DATE.match(advisory.revision)):
            with suppress(ValueError):  # 2024-13-45 is no date, and says nothing
                year, month, day = map(int, match.groups())
                dates.append(datetime(year, month, day, tzinfo=UTC))
        return max(dates) >= self._earliest

    def _new(self, fact: Alertable, key: str, kind: AlertKind, found: tuple[Match, ...]) -> Alert:
        return Alert(
            key=key,
            kind=kind,
            revision=1,
            at=self._now,
            article=fact.article,
            article_revision=fact.revision,
            title=fact.title,
            url=fact.url,
            source=fact.source_title,
            published=fact.published,
            language=fact.language,
            excerpt=self._excerpt(fact),
            themes=tuple(hit.theme for hit in fact.themes),
            places=tuple(dict.fromkeys(one.name for one in fact.entities if one.nuts)),
            articles=(fact.article,),
            matches=found,
        )

    def _retold(self, alert: Alert, fact: Alertable) -> Alert:
        """The same in the words of the article's present revision."""
        return dataclasses.replace(
            alert,
            article_revision=fact.revision,
            title=fact.title,
            url=fact.url,
            excerpt=self._excerpt(fact),
        )

    def _excerpt(self, fact: Alertable) -> str:
        if fact.rights is Rights.LINK:
            return ""
        if fact.rights is Rights.FULL:
            return cut(fact.summary or fact.text, FULL_WORDS)
        return cut(fact.summary or fact.text, self._words)

    def _made(self, fact: Alertable, alert: Alert, seen: Seen | None) -> Note:
        matter = _Matter(alert, {seen} if seen else set(), self._now, touched=True)
        self._matters[alert.key] = matter
        if seen:
            self._names[seen.name] = alert.key
        self.changed[alert.key] = alert
        rules = ", ".join(match.rule for match in alert.matches)
        return Note(fact.public_id, How.NEW, f"rules {rules}", alert.key, seen)

    def _update(
        self, fact: Alertable, matter: _Matter, alert: Alert, said: str, seen: Seen | None
    ) -> Note:
        """One revision more; none where this look has made one already."""
        if not matter.touched:
            alert = dataclasses.replace(
                alert, revision=alert.revision + 1, at=self._now, before=alert.at, changed=said
            )
        matter.alert, matter.touched, matter.last = alert, True, self._now
        self.changed[alert.key] = alert
        return Note(fact.public_id, How.UPDATE, said, alert.key, seen)

    def _join(
        self, fact: Alertable, matter: _Matter, alert: Alert, said: str, seen: Seen | None
    ) -> Note:
        matter.alert, matter.last = alert, self._now
        self.changed[alert.key] = alert
        return Note(fact.public_id, How.JOINED, said, alert.key, seen)


def growth_step(sources: int, first: int) -> int:
    """0 below `first` sources, 1 from there on, 2 from twice as many, 3 from four times ..."""
    return (sources // first).bit_length()


def _named(fact: Alertable, advisory: Advisory) -> AdvisoryNamed:
    return AdvisoryNamed(advisory.issuer, advisory.reference, advisory.revision, fact.url)


def _with(alert: Alert, fact: Alertable, advisory: Advisory, *, replace: bool) -> Alert:
    """The alert with what that advisory says; `replace`: in the place of what it said."""
    named = _named(fact, advisory)
    others = tuple(
        one
        for one in alert.advisories
        if (one.issuer, one.reference) != (named.issuer, named.reference)
    )
    before = dataclasses.replace(alert, cves=(), vendors=(), products=(), risks=())
    kept = before if replace else alert
    return dataclasses.replace(
        alert,
        advisories=(*others, named) if not replace else (named,),
        cves=_plus(kept.cves, advisory.cves),
        vendors=_plus(kept.vendors, advisory.vendors),
        products=_plus(kept.products, advisory.products)[:MOST_PRODUCTS],
        risks=_plus(kept.risks, advisory.risks),
        tlp=max(alert.tlp, advisory.tlp or Tlp.CLEAR, key=lambda label: label.rank),
        articles=_plus(alert.articles, (fact.article,)),
    )


def _plus(one: tuple[T, ...], more: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*one, *more)))


def _united(before: tuple[Match, ...], now: tuple[Match, ...]) -> tuple[Match, ...]:
    """Each rule once, with its latest reason."""
    return tuple({match.rule: match for match in (*before, *now)}.values())
