"""Names that stand in a text without being what it speaks of: signatures and footers. Pure.

Applied after entities are read. A mention is marked, with its reason, and kept; what counts
mentions leaves it out:

* a press agency's signature: "(AFP)", "avec Belga", "Bron: ANP", "© dpa", "Rouen, 3 mai (AFP) -";
* a medium's own name at the end of a title ("… - Ouest-France"), in a footer ("Abonnez-vous au
  Monde", "appeared first on …"), and anywhere in what it carries, unless its title speaks of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from enrich.words import fold
from vigie.model import Mention, ReadingJob
from vigie.schema import Entity

_AGENCY = "press-agency"
_MEDIA = frozenset(("media", _AGENCY))
_NEAR = 40  # characters before a name in which the words of a footer stand
_SIGNED_BEFORE = re.compile(
    r"(?:[(\[/©|]|\bavec(?: l['’]agence)?|\bd['’]après|\bsources?\s*:|\bbron\s*:?|\bquelle\s*:"
    r"|\bvia\b|\bagences?|\bcrédits?(?: photo)?s?\s*:?|\bfoto\s*:|\bphoto\s*:|\bmit\b|\bwith)\s*$",
    re.IGNORECASE,
)
_SIGNED_AFTER = re.compile(r"^\s*(?:[)\]/|]|[-–—]\s|$|\.?\s*$)")
_TITLE_END = re.compile(r"\s[-–—|:·]\s*$")
_FOOTER = re.compile(
    r"abonn|inscri|newsletter|nieuwsbrief|lire (?:aussi|la suite|l['’]article)|lees (?:ook|verder)"
    r"|publié (?:dans|sur|par)|paru (?:dans|sur)|apparu en premier|appeared first"
    r"|erschienen (?:in|auf|bei)"
    r"|verscheen|retrouvez|suivez|volg ons|follow us|folgen sie|tous droits|rechten voorbehouden"
    r"|all rights|alle rechte|copyright|©|cet article|dit artikel|dieser artikel|weiterlesen",
    re.IGNORECASE,
)


class Boilerplate:
    """What is boilerplate, by what the gazetteer says of media and agencies."""

    def __init__(self, gazetteer: Sequence[Entity]) -> None:
        self._kinds = {e.id: e.kind for e in gazetteer if e.kind in _MEDIA}
        self._spelt: Mapping[str, str] = {
            fold(name): entity.id
            for entity in gazetteer
            if entity.kind in _MEDIA
            for name in (*entity.names.values(), *entity.aliases)
        }

    def mark(self, job: ReadingJob, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
        """The same mentions, those that are boilerplate with the reason."""
        if not any(mention.entity in self._kinds for mention in mentions):
            return tuple(mentions)
        own = self._spelt.get(fold(job.source), "") if job.source else ""
        spoken_of = any(
            mention.entity == own
            and mention.field == "title"
            and not _ends_a_title(job.title, mention)
            for mention in mentions
        )
        return tuple(
            replace(mention, boilerplate=self._reason(job, mention, "" if spoken_of else own))
            for mention in mentions
        )

    def _reason(self, job: ReadingJob, mention: Mention, own: str) -> str:
        """Why a mention is boilerplate; "" where it is not."""
        kind = self._kinds.get(mention.entity)
        if kind is None:
            return ""
        text = getattr(job, mention.field)
        before, after = text[max(0, mention.start - _NEAR) : mention.start], text[mention.end :]
        if kind == _AGENCY and _signed(before, after[:_NEAR]):
            return "signature of a press agency"
        if mention.field == "title" and _ends_a_title(text, mention):
            return "name of the medium behind the title"
        if _FOOTER.search(before):
            return "name of a medium in a footer"
        return "the source's own name" if mention.entity == own else ""


def _signed(before: str, after: str) -> bool:
    """Whether the words around an agency's name make it a signature."""
    if _SIGNED_BEFORE.search(before):
        return True
    alone = not before.strip() or before.rstrip()[-1] in ".!?»”\"'"
    return alone and bool(_SIGNED_AFTER.match(after))


def _ends_a_title(title: str, mention: Mention) -> bool:
    before, after = title[: mention.start], title[mention.end :]
    return not after.strip(" .") and bool(_TITLE_END.search(before))
