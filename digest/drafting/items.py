"""A placed story as an item of the issue: what is printed. Pure."""

from __future__ import annotations

from digest import quote, why
from digest.clean import line
from digest.drafting.brief import Brief
from digest.drafting.claims import Placed
from vigie.model import IssueItem, Tlp


def item(brief: Brief, one: Placed, section: str, rank: int) -> IssueItem:
    """The item; its summary is put in by who has the articles' texts."""
    candidate, wish = one.candidate, one.wish
    others = sorted(candidate.themes, key=lambda hit: (-hit.score, hit.theme))
    own = [one.hit.theme] if one.hit else []
    notice = candidate.notice
    return IssueItem(
        article=candidate.article,
        revision=candidate.revision,
        story=candidate.story,
        section=section,
        rank=rank,
        title=line(candidate.title),
        excerpt=quote.excerpt(candidate, brief.edition.excerpt_words),
        url=candidate.url,
        source=line(candidate.source),
        reliability=candidate.reliability,
        published=candidate.published,
        language=candidate.language,
        place=line(wish.place or (candidate.places[0] if candidate.places else "")),
        themes=tuple(dict.fromkeys([*own, *(hit.theme for hit in others)])) or (section,),
        sources=candidate.sources,
        why=why.tell(one.reasons, brief.edition.language),
        comment=line(wish.comment),
        tlp=max(wish.tlp, notice.tlp if notice else Tlp.CLEAR, key=lambda label: label.rank),
        credibility=wish.credibility,
        nuts=wish.nuts or candidate.nuts,
        contributor=line(candidate.contributor),
        reference=line(notice.reference) if notice else "",
        happens=one.announces.day if one.announces and section == "agenda" else None,
        strength=one.signal.strength if one.signal else None,
        carried=candidate.carried,
    )
