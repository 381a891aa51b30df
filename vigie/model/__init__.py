"""The words of the field, as frozen values: what crosses from one package to another.

Each type is named by what the thing is at that point of an article's way. Times are aware UTC
datetimes, sizes bytes, durations seconds. Languages are ISO 639-1 codes, `und` where unknown.
"""

from __future__ import annotations

from vigie.model.bulletin import (
    Candidate,
    Decision,
    Delivery,
    DeliveryState,
    Form,
    Issue,
    IssueItem,
    Recipient,
    Rendered,
    Section,
    Verdict,
)
from vigie.model.incoming import (
    Advisory,
    ArticleIntent,
    Failure,
    FailureKind,
    Fetched,
    FetchJob,
    Gathered,
    Item,
    Known,
    Limits,
    Novelty,
    Page,
    ParsedFeed,
    Unparsed,
)
from vigie.model.reading import (
    GroupingItem,
    Language,
    Mention,
    Placement,
    Reading,
    ReadingJob,
    StoryAct,
    ThemeHit,
)
from vigie.model.watching import (
    Health,
    HealthState,
    PollState,
    Reservation,
    SourceFacts,
    TdmRule,
)
from vigie.model.words import (
    ArticleId,
    Kind,
    Rights,
    SourceId,
    Tlp,
)

__all__ = [
    "Advisory",
    "ArticleId",
    "ArticleIntent",
    "Candidate",
    "Decision",
    "Delivery",
    "DeliveryState",
    "Failure",
    "FailureKind",
    "FetchJob",
    "Fetched",
    "Form",
    "Gathered",
    "GroupingItem",
    "Health",
    "HealthState",
    "Issue",
    "IssueItem",
    "Item",
    "Kind",
    "Known",
    "Language",
    "Limits",
    "Mention",
    "Novelty",
    "Page",
    "ParsedFeed",
    "Placement",
    "PollState",
    "Reading",
    "ReadingJob",
    "Recipient",
    "Rendered",
    "Reservation",
    "Rights",
    "Section",
    "SourceFacts",
    "SourceId",
    "StoryAct",
    "TdmRule",
    "ThemeHit",
    "Tlp",
    "Unparsed",
    "Verdict",
]
