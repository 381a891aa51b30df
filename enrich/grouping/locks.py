"""What people merged and split, as constraints that no machine undoes. Pure.

Acts are told in the order in which they were done, and a later one outweighs an earlier one on the
articles that it names. From them each article has a *bond*: articles of one bond stand in one
story, and some bonds never stand in one story with some others. What no act named is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vigie.model import ArticleId, StoryAct

Bond = int


class Locks:
    """The constraints that a row of acts leaves in force."""

    def __init__(self, acts: Iterable[StoryAct] = ()) -> None:
        self._bond: dict[ArticleId, Bond] = {}
        self._members: dict[Bond, set[ArticleId]] = {}
        self._apart: dict[Bond, set[Bond]] = {}
        self._next: Bond = 1
        for act in acts:
            if act.together:
                self._merge({*act.one, *act.other})
            else:
                self._split(act.one, act.other)

    def bond(self, article: ArticleId) -> Bond | None:
        """The article's bond, None where no act names it."""
        return self._bond.get(article)

    def members(self, bond: Bond) -> frozenset[ArticleId]:
        """All articles of a bond."""
        return frozenset(self._members[bond])

    def apart(self, bond: Bond) -> frozenset[Bond]:
        """The bonds that never stand in one story with this one."""
        return frozenset(self._apart[bond])

    def bonds(self, articles: Iterable[ArticleId]) -> frozenset[Bond]:
        return frozenset(self._bond[one] for one in articles if one in self._bond)

    def forbid(self, ones: frozenset[Bond], others: frozenset[Bond]) -> bool:
        """Whether two stories that hold these bonds must stay two."""
        return any(not self._apart[one].isdisjoint(others) for one in ones)

    def _merge(self, articles: set[ArticleId]) -> None:
        old = {self._bond[one] for one in articles if one in self._bond}
        for bond in old:
            articles |= self._members[bond]
        strangers = set().union(*(self._apart[bond] for bond in old)) - old
        for bond in old:
            self._forget(bond)
        self._tie(articles, strangers)

    def _split(self, out: Sequence[ArticleId], rest: Sequence[ArticleId]) -> None:
        """The ones that go out form one bond, apart from each of the rest."""
        gone = set(out)
        strangers: set[Bond] = set()
        for article in out:
            if (bond := self._bond.pop(article, None)) is None:
                continue
            strangers |= self._apart[bond]
            self._members[bond].discard(article)
            if not self._members[bond]:
                self._forget(bond)
        for article in rest:
            if article not in gone:
                if article not in self._bond:
                    self._tie({article}, set())
                strangers.add(self._bond[article])
        self._tie(gone, strangers & self._members.keys())

    def _tie(self, articles: set[ArticleId], strangers: set[Bond]) -> None:
        bond = self._next
        self._next += 1
        self._members[bond] = articles
        self._apart[bond] = set(strangers)
        for article in articles:
            self._bond[article] = bond
        for other in strangers:
            self._apart[other].add(bond)

    def _forget(self, bond: Bond) -> None:
        for article in self._members.pop(bond):
            if self._bond.get(article) == bond:
                del self._bond[article]
        for other in self._apart.pop(bond):
            self._apart[other].discard(bond)


FREE = Locks()
