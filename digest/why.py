"""Why an item is in the issue: sentences a reader can check, and their telling in another language.

An item's `why` is stored as text in the edition's language. The sentences come from our own
catalogues and are joined by semicolons that no quoted word may contain, so that `retell` can
recognise each and say it in the language of another rendering. A person's own words stay as they
were written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from digest.catalogue import translator
from digest.clean import line
from vigie.model import Strength
from vigie.schema import LANGUAGES

Labels = Mapping[str, Mapping[str, str]]  # theme id -> language -> label
_SPLIT = re.compile(r"\s*;\s*")
_FIELD = re.compile(r"^(title|summary|text): ")
_MORE = re.compile(r"and [0-9]+ more")
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")
_MAX_NOTE = 160  # characters
_MAX_CUE = 90  # characters


@dataclass(frozen=True, slots=True)
class _Message:
    """A message of the catalogue, by its ids."""

    single: str
    plural: str


def gettext(text: str) -> _Message:
    """Named as the extractor of messages knows it; the text is said later."""
    return _Message(text, text)


def ngettext(single: str, plural: str) -> _Message:
    """The same for a message that counts."""
    return _Message(single, plural)


_KEPT_NOTE, _KEPT = gettext("kept by {who}: {note}"), gettext("kept by {who}")
_PINNED = gettext("put into this issue by {who}")
_MOVED = gettext("moved here by {who}")
_CARRIED = ngettext("carried by {count} source", "carried by {count} sources")
_GREW = ngettext("{count} article a day later or more", "{count} articles a day later or more")
_THEME_CUE, _THEME = gettext("theme {theme} ({cue})"), gettext("theme {theme}")
_OUTSIDE = gettext("outside the themes")
_SIGNAL = ngettext(
    "{strength} signal “{name}”, {count} source", "{strength} signal “{name}”, {count} sources"
)
_ELSEWHERE = gettext("from elsewhere: {place} ({cue})")
_ADVISORY, _ADVISORY_PLAIN = (
    gettext("advisory {name}, severity {severity}"),
    gettext("advisory {name}"),
)
_ALERTED = gettext("sent as an alert")
_ANNOUNCED = gettext("announces a day to come ({cue})")
_PROPOSED = gettext("proposed by {name}")
# The fullest first: a shorter one would take its words for a name.
_ALL = (
    *(_KEPT_NOTE, _KEPT, _PINNED, _MOVED, _CARRIED, _GREW, _THEME_CUE, _THEME, _OUTSIDE, _SIGNAL),
    *(_ELSEWHERE, _ADVISORY, _ADVISORY_PLAIN, _ALERTED, _ANNOUNCED, _PROPOSED),
)
# Values that are words of the catalogue themselves.
_WORDS: dict[str, dict[str, _Message]] = {
    "strength": {
        Strength.WEAK: gettext("weak"),
        Strength.RISING: gettext("rising"),
        Strength.STRONG: gettext("strong"),
    },
    "severity": {
        "critical": gettext("critical"),
        "high": gettext("high"),
        "medium": gettext("medium"),
        "low": gettext("low"),
    },
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence, not yet in any language: `tell` says it."""

    message: _Message
    values: tuple[tuple[str, str], ...] = ()
    count: int = 1


def kept(who: str, note: str) -> Reason:
    """By a coordinator's verdict on an article, with their own words where they gave some."""
    values = (("who", _plain(who) or "?"), ("note", _plain(note, _MAX_NOTE)))
    return Reason(_KEPT_NOTE, values) if values[1][1] else Reason(_KEPT, values[:1])


def pinned(who: str) -> Reason:
    return Reason(_PINNED, (("who", _plain(who) or "?"),))


def moved(who: str) -> Reason:
    return Reason(_MOVED, (("who", _plain(who) or "?"),))


def carried(count: int) -> Reason:
    return Reason(_CARRIED, count=count)


def grew(count: int) -> Reason:
    return Reason(_GREW, count=count)


def theme(label: str, found: str) -> Reason:
    """`found`: the reason that reading gave, fields and all."""
    cue = _cue(found)
    values = (("theme", _plain(label)), ("cue", cue))
    return Reason(_THEME_CUE, values) if cue else Reason(_THEME, values[:1])


def outside() -> Reason:
    return Reason(_OUTSIDE)


def signal(strength: Strength, name: str, sources: int) -> Reason:
    values = (("strength", strength.value), ("name", _plain(name, _MAX_CUE) or "?"))
    return Reason(_SIGNAL, values, sources)


def elsewhere(place: str, cue: str) -> Reason:
    return Reason(_ELSEWHERE, (("place", _plain(place, 60)), ("cue", _plain(cue, _MAX_CUE))))


def advisory(reference: str, severity: str) -> Reason:
    values = (("name", _plain(reference, 60) or "?"), ("severity", severity))
    return Reason(_ADVISORY, values) if severity else Reason(_ADVISORY_PLAIN, values[:1])


def alerted() -> Reason:
    return Reason(_ALERTED)


def announced(cue: str) -> Reason:
    return Reason(_ANNOUNCED, (("cue", _plain(cue, _MAX_CUE)),))


def proposed(structure: str) -> Reason:
    return Reason(_PROPOSED, (("name", _plain(structure, _MAX_CUE)),))


def tell(reasons: Sequence[Reason], language: str) -> str:
    """The reasons in one language."""
    parts = [_said_of(one, language) for one in reasons]
    return translator(language).gettext("; ").join(parts)


def _said_of(reason: Reason, language: str) -> str:
    values: dict[str, object] = {"count": reason.count}
    for key, value in reason.values:
        known = _WORDS.get(key, {}).get(value)
        values[key] = translator(language).gettext(known.single) if known else _plain(value)
    return _said(language, reason.message, reason.count).format(**values)


def retell(why: str, labels: Labels, language: str) -> str:
    """The same reasons in another language; a text that is not one of ours is returned as it is."""
    parts = _SPLIT.split(why)
    for origin in LANGUAGES:
        told = [_retold(part, labels, origin, language) for part in parts]
        if None not in told:
            return translator(language).gettext("; ").join(part for part in told if part)
    return why


def _retold(part: str, labels: Labels, origin: str, language: str) -> str | None:
    for message, pattern in _patterns(origin):
        match = pattern.fullmatch(part)
        if match is None:
            continue
        values: dict[str, str] = match.groupdict()
        if "theme" in values:
            found = _label(values["theme"], labels, origin, language)
            if found is None:
                continue
            values["theme"] = found
        for key in _WORDS.keys() & values.keys():
            values[key] = _word(key, values[key], origin, language)
        return _said(language, message, int(values.get("count", "1"))).format(**values)
    return None


def _label(text: str, labels: Labels, origin: str, language: str) -> str | None:
    for by_language in labels.values():
        if _plain(by_language.get(origin, "")) == text:
            return _plain(by_language.get(language, text))
    return None


def _word(key: str, text: str, origin: str, language: str) -> str:
    """A word of ours in another language; an issuer's own as it is."""
    for message in _WORDS[key].values():
        if translator(origin).gettext(message.single) == text:
            return translator(language).gettext(message.single)
    return text


@cache
def _patterns(language: str) -> Sequence[tuple[_Message, re.Pattern[str]]]:
    """Each sentence as it reads in one language, the fullest first."""
    found = []
    for message in _ALL:
        for count in (1, 2) if message.single != message.plural else (1,):
            text = _said(language, message, count)
            found.append((message, re.compile(_PLACEHOLDER.sub(_group, re.escape(text)))))
    return tuple(found)


def _said(language: str, message: _Message, count: int) -> str:
    words = translator(language)
    if message.single == message.plural:
        return words.gettext(message.single)
    return words.ngettext(message.single, message.plural, count)


def _group(match: re.Match[str]) -> str:
    return f"(?P<{match[1]}>{'[0-9]+' if match[1] == 'count' else '.+?'})"


def _cue(why: str) -> str:
    """The words that made the theme, without the fields they stand in: those are for the desk."""
    parts = [_FIELD.sub("", part) for part in _SPLIT.split(why) if not _MORE.fullmatch(part)]
    text = _plain(", ".join(dict.fromkeys(part for part in parts if part)), _MAX_CUE)
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")


def _plain(text: str, limit: int = 0) -> str:
    return line(text.replace(";", ","), limit)
