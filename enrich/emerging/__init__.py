"""What rises by itself, before any theme foresaw it. Pure: a window's articles in, signals out.

Definitions
-----------
*Signal*: a name, a pair of words, a story or a theme in a territory of which there are more texts
than its own past and its sources' volume make likely. It is no judgement of weight.

* A name that nobody wrote before the last days is a *new entity*; a story of whose texts fewer
  than a third has a theme is *off theme*; a theme that reaches a territory where the window's past
  has none of it, while it has elsewhere, is a *crossing*.
* *weak*: more than chance allows, of enough publishers. That is all.
* *rising*: the same, and either ten times rarer by chance than what counts, or already there in the
  span before and more now.
* *strong*: a hundred times rarer than what counts, of at least four publishers, and of at least
  half of all that published.

A false signal costs a coordinator's trust, a missed one is still in the archive, so every doubt
counts against a signal: three publishers with texts of their own; improbable still (1 in 100)
without the publisher that says most; more than half of the texts of one matter; three times what
was likely; more than in any such span of the window's past; nothing at all without a past (`PAST`).

What a signal is not raised by: the same dispatch in forty outlets (one text); one feed, however
chatty; an archive that is printed again; a new source's back issues; a standing title; what stands
in a signature or a footer; a wrong date. See `counting`.

One matter is told once: what shares half its texts, or their stories, with a surer signal is named
in that one's reason. A signal keeps its key while it lasts; when nothing was found of it for
`quiet_days` it has ended, and what comes back later is a new episode.

Method, source and figures: `chance`, and docs/emerging.md.
"""

from enrich.emerging.rising import Looked, Rise, look
from enrich.emerging.telling import Facts, Lasting, tell

__all__ = ["Facts", "Lasting", "Looked", "Rise", "look", "tell"]
