"""Near-duplicate groups and stories, as items come in. Pure: data in, placements out.

The doctrine
------------
*Near-duplicate*: a reader who has seen one would find the other useless. The same text at two
addresses, re-titled, truncated, syndicated; one flash that became an article without a new fact.

* A false merge is worse than a miss, because a merged item is one that nobody reads: a follow-up
  with a new toll disappears behind the first dispatch, while a missed pair only costs a glance.
* What says something new is not a duplicate, however alike the words: where each text has a number
  that the other lacks, or each title a name that the other text lacks, they stay apart. A number
  that only one has is no objection, for texts are cut.
* A title alone proves little: "Le direct" or "Météo du jour" stands over other matter every day. A
  title of fewer than three content words, or one that several items bear over different leads,
  needs the lead to agree as well.
* A lead alone proves little within one source: publishers put one description under three
  interviews and one boilerplate sentence under everything. Sentences that a source repeats under
  other titles are not counted, and the titles must agree too. Between two sources the same lead is
  the same dispatch under another title, unless the numbers differ, or the texts know nothing of
  each other's titles and the lead names next to nothing.
* Where both whole texts are known they decide: nearly all words and names of one in the other, its
  figures unchanged, and neither title new to the other text. Two publishers' titles that are nearly
  the same, with a name or number in common, are one wire's, whatever their leads.
* A group must not chain (A like B, B like C, C nothing like A): who joins is compared with the
  group's founder as well as with its nearest member. Two groups become one (in a repair) where
  their members are copies of each other on average, never through one item alone.

*Story*: the same event and its immediate development. A theme is not a story: two matches are two
stories. An item joins where its nearest member is near enough *and* the story as a whole is not
far; it is compared with the story's founder so that a story of a thousand items cannot swallow the
day's news step by step. Nearness fades with the days between. A near-duplicate is always in its
neighbour's story.

Across languages words do not meet: vectors of a space that the languages share, entities, numbers
and proper nouns carry it, and at least two rare ones must be shared, because one shared town is not
an event. Where names are wanting, two scarce words that translate each other, no everyday ones,
stand for them. Within one language the vectors of its words are nearer the truth than that space.

What an item met when it came in is not what the window knows a day later: a periodic *repair*
(`regroup`) places a window's items again and merges stories as wholes. It may merge and split, but
never undoes what a person merged or split.

Each placement says why: the neighbour, the score and what the two have in common.
"""

from enrich.grouping.locks import FREE, Locks
from enrich.grouping.repair import Held, regroup
from enrich.grouping.rules import Thresholds, revision, thresholds
from enrich.grouping.window import Window

__all__ = [
    "FREE",
    "Held",
    "Locks",
    "Thresholds",
    "Window",
    "regroup",
    "revision",
    "thresholds",
]
