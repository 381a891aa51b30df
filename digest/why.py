"""Why an item is in the issue: sentences a reader can check, and their telling in another language.

An item's `why` is stored as text in the edition's language. The sentences come from our own
catalogues and are joined by semicolons that no quoted word may contain, so that `retell` can
recognise each and say it in the language of another rendering. A person's own words stay as they
were written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from digest.catalogue import translator
from digest.clean import line
from vigie.model import Candidate, ThemeHit, Verdict
from vigie.schema import LANGUAGES

Labels = Mapping[str, Mapping[str, str]]  # theme id -> language -> label
_SPLIT = re.compile(r"\s*;\s*")
_FIELD = re.compile(r"^(title|summary|text): ")
_MORE = re.compile(r"and [0-9]+ more")
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")


def tell(candidate: Candidate, hit: ThemeHit | None, label: str, language: str) -> str:
    """The reasons for one candidate, in one language; `hit` is None outside the themes."""
    words = translator(language)
    _ = words.gettext
    parts = []
    if candidate.verdict is Verdict.KEEP:
        who, note = _plain(candidate.verdict_by) or "?", _plain(candidate.verdict_why, 160)
        text = _("kept by {who}: {note}") if note else _("kept by {who}")
        parts.append(text.format(who=who, note=note))
    count = len(candidate.sources)
    if count > 1:
        parts.append(
            words.ngettext("carried by {count} source", "carried by {count} sources", count).format(
                count=count
            )
        )
    cue = _cue(hit.why) if hit else ""
    if hit is None:
        parts.append(_("outside the themes"))
    elif cue:
        parts.append(_("theme {theme} ({cue})").format(theme=_plain(label), cue=cue))
    else:
        parts.append(_("theme {theme}").format(theme=_plain(label)))
    return _("; ").join(parts)


def retell(why: str, labels: Labels, language: str) -> str:
    """The same reasons in another language; a text that is not one of ours is returned as it is."""
    parts = _SPLIT.split(why)
    for origin in LANGUAGES:
        told = [_retold(part, labels, origin, language) for part in parts]
        if None not in told:
            return translator(language).gettext("; ").join(part for part in told if part)
    return why


def _retold(part: str, labels: Labels, origin: str, language: str) -> str | None:
    for single, plural, pattern in _patterns(origin):
        match = pattern.fullmatch(part)
        if match is None:
            continue
        values: dict[str, str] = match.groupdict()
        if "theme" in values:
            found = _label(values["theme"], labels, origin, language)
            if found is None:
                continue
            values["theme"] = found
        count = int(values.get("count", "1"))
        return _said(language, single, plural, count).format(**values)
    return None


def _label(text: str, labels: Labels, origin: str, language: str) -> str | None:
    for by_language in labels.values():
        if _plain(by_language.get(origin, "")) == text:
            return _plain(by_language.get(language, text))
    return None


@cache
def _patterns(language: str) -> Sequence[tuple[str, str, re.Pattern[str]]]:
    """Each sentence as it reads in one language, the fullest first."""
    sources = ("carried by {count} source", "carried by {count} sources")
    pairs = [
        *((text, text) for text in ("kept by {who}: {note}", "kept by {who}")),
        sources,
        *((text, text) for text in ("theme {theme} ({cue})", "theme {theme}")),
        ("outside the themes", "outside the themes"),
    ]
    found = []
    for single, plural in pairs:
        for count in (1, 2) if (single, plural) == sources else (1,):
            text = _said(language, single, plural, count)
            found.append((single, plural, re.compile(_PLACEHOLDER.sub(_group, re.escape(text)))))
    return tuple(found)


def _said(language: str, single: str, plural: str, count: int) -> str:
    words = translator(language)
    return words.gettext(single) if single == plural else words.ngettext(single, plural, count)


def _group(match: re.Match[str]) -> str:
    return f"(?P<{match[1]}>{'[0-9]+' if match[1] == 'count' else '.+?'})"


def _cue(why: str) -> str:
    """The words that made the theme, without the fields they stand in: those are for the desk."""
    parts = [_FIELD.sub("", part) for part in _SPLIT.split(why) if not _MORE.fullmatch(part)]
    text = _plain(", ".join(dict.fromkeys(part for part in parts if part)), 90)
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")


def _plain(text: str, limit: int = 0) -> str:
    return line(text.replace(";", ","), limit)
