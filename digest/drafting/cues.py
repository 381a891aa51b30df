"""Words by which a text shows that it announces something, or tells of something new. Pure.

Lists in four languages, looked for in all of them: an article's language may not be known, and a
Dutch paper writes "call for projects". Case does not count; accents do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from vigie.model import Spoken

_ATTEND = (
    # fr
    "conférences?", "colloques?", "congrès", "salons?", "webinaires?", "séminaires?", "forums?",
    "symposiums?", "assises", "journées? d['’]études?", "journée régionale", "rencontres?",
    "ateliers?", "consultations?", "concertations?", "enquêtes? publiques?",
    "réunions? publiques?", "appels? à projets?", "appels? à candidatures?",
    "appels? à (?:contributions?|propositions?|communications?)",
    "appels? à manifestations? d['’]intérêt",
    # nl
    "conferenties?", "congres", "congressen", "vakbeurs", "beurs", "studiedag(?:en)?",
    "infosessies?", "consultaties?", "raadpleging(?:en)?", "openbaar onderzoek",
    "(?:project)?oproep(?:en)?", "webinars?", "seminaries",
    # de
    "konferenz(?:en)?", "tagung(?:en)?", "kongress", "fachmesse", "messe", "fachtag",
    "anhörung(?:en)?", "konsultation(?:en)?", "projektaufruf", "aufruf", "ausschreibung",
    # en
    "conferences?", "trade (?:fair|show)s?", "seminars?", "workshops?", "summits?",
    "public inquiry", "hearings?", "calls? for (?:projects|proposals|applications|papers|evidence)",
)  # fmt: skip
_LAUNCH = (
    # fr
    "lance(?:nt|ra|ment)?", "lancé(?:e|s|es)?", "expérimente(?:nt|ra)?", "expérimentations?",
    "projets? pilotes?", "site pilote", "pilote", "démonstrateurs?", "inaugure(?:nt|ra)?",
    "inauguré(?:e|s|es)?", "feuille de route", "plan d['’]actions?", "plan régional",
    "dispositifs?", "incubateurs?", "initiatives?", "se dote(?:nt)?", "met en place",
    "mettent en place", "charte", "première (?:européenne|mondiale|nationale)",
    # nl
    "lanceert", "lanceren", "gelanceerd", "proefproject(?:en)?", "pilootproject(?:en)?", "pilot",
    "actieplan", "initiatief", "initiatieven", "proeftuin", "start met", "voert in",
    # de
    "pilotprojekte?", "modellprojekte?", "pilotanlage", "initiativen?", "aktionsplan",
    "förderprogramm", "startet", "starten", "eröffnet", "reallabor",
    # en
    "launch(?:es|ed)?", "pilots?", "rolls? out", "rolled out", "action plan", "roadmap", "schemes?",
    "test ?beds?", "unveil(?:s|ed)?",
)  # fmt: skip


def _any(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


_ATTENDED, _LAUNCHED = _any(_ATTEND), _any(_LAUNCH)


@dataclass(frozen=True, slots=True)
class Announced:
    """A day to come, and the word that says what happens then."""

    day: date
    cue: str
    in_title: bool  # the story's title has the word: it is about it


def attended(text: str) -> str:
    """The first word that names something to attend or to answer, "" for none."""
    found = _ATTENDED.search(text)
    return found[0].lower() if found else ""


def launched(text: str) -> str:
    """The first word that tells of something new that was set up or tried, "" for none."""
    found = _LAUNCHED.search(text)
    return found[0].lower() if found else ""


def announced(title: str, dates: tuple[Spoken, ...], after: date, until: date) -> Announced | None:
    """The first day after `after`, and no later than `until`, that this story announces."""
    coming = sorted((one for one in dates if after < one.day <= until), key=lambda one: one.day)
    cue = attended(title)
    if cue and coming:
        return Announced(coming[0].day, cue, in_title=True)
    for one in coming:
        if near := attended(one.near):
            return Announced(one.day, near, in_title=False)
    return None
