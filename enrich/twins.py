"""Names that bodies of two countries share: which one a text means, its other names tell. Pure.

"Cour des comptes" is the French one, unless the text names more of Belgium than of France. An
entity of the gazetteer lists in `shared` the forms that belong to another entity first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from enrich.words import fold
from vigie.model import Mention
from vigie.schema import Entity


class Twins:
    """Who else may be meant by a form, by what the gazetteer says."""

    def __init__(self, gazetteer: Sequence[Entity]) -> None:
        self._country = {entity.id: entity.country for entity in gazetteer}
        self._others: dict[str, list[Entity]] = {}
        for entity in gazetteer:
            for form in entity.shared:
                self._others.setdefault(fold(form), []).append(entity)

    def settle(self, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
        """The same mentions, each shared name with the entity whose country the text speaks of."""
        shared = [fold(mention.surface) in self._others for mention in mentions]
        if not any(shared):
            return tuple(mentions)
        spoken_of = Counter(
            self._country.get(mention.entity, "")
            for mention, doubtful in zip(mentions, shared, strict=True)
            if not doubtful
        )
        return tuple(
            self._meant(mention, spoken_of) if doubtful else mention
            for mention, doubtful in zip(mentions, shared, strict=True)
        )

    def _meant(self, mention: Mention, spoken_of: Counter[str]) -> Mention:
        usual = spoken_of[self._country.get(mention.entity, "")]
        best = max(
            self._others[fold(mention.surface)], key=lambda entity: spoken_of[entity.country]
        )
        times = spoken_of[best.country]
        if times <= usual:
            return mention
        why = f"{mention.why}; {best.country} is named {times} times, against {usual}"
        return replace(mention, entity=best.id, name=best.name, label=best.label, why=why)
