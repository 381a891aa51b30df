-- What rises by itself: signals, what shows them, how they went, and who put one to sleep.

-- One row an episode. What ended and comes back after a quiet time is a new episode, with a new key.
CREATE TABLE emerging (
    key        TEXT NOT NULL PRIMARY KEY,     -- kind:subject, with ~2, ~3 for what came back
    kind       TEXT NOT NULL CHECK (
        kind IN ('entity', 'phrase', 'story', 'off theme', 'new entity', 'crossing')
    ),
    subject    TEXT NOT NULL,                 -- entity id, two words, a story's public id, theme@territory
    episode    INTEGER NOT NULL,              -- 1 for the first time
    label      TEXT NOT NULL,
    strength   TEXT NOT NULL CHECK (strength IN ('weak', 'rising', 'strong')),
    score      REAL NOT NULL,                 -- -log10 of the chance to see as many by chance
    first_seen TEXT NOT NULL,                 -- date of the earliest evidence
    last_seen  TEXT NOT NULL,                 -- date of the latest evidence
    raised_at  TEXT NOT NULL,                 -- when it was first told
    looked_at  TEXT NOT NULL,                 -- when it was last found to rise
    ended_at   TEXT,                          -- NULL while it lasts
    why        TEXT NOT NULL,
    texts      INTEGER NOT NULL,              -- of their own; figures and evidence are of its height
    expected   REAL NOT NULL,                 -- texts that its past made likely
    sources    INTEGER NOT NULL,              -- publishers that carried the evidence
    story      TEXT NOT NULL DEFAULT '',      -- public id, where it is one story's
    territories TEXT NOT NULL DEFAULT '[]',   -- JSON list of NUTS codes that it touches
    UNIQUE (kind, subject, episode)
) STRICT;
CREATE INDEX emerging_seen ON emerging (last_seen, first_seen);

CREATE TABLE emerging_articles (
    key        TEXT NOT NULL REFERENCES emerging (key),
    place      INTEGER NOT NULL,              -- 1 is the best evidence
    article_id INTEGER NOT NULL REFERENCES articles (id),
    PRIMARY KEY (key, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX emerging_articles_article ON emerging_articles (article_id);

-- How a signal went: one row for each look that found it.
CREATE TABLE emerging_course (
    key      TEXT NOT NULL REFERENCES emerging (key),
    at       TEXT NOT NULL,
    strength TEXT NOT NULL,
    score    REAL NOT NULL,
    texts    INTEGER NOT NULL,
    expected REAL NOT NULL,
    sources  INTEGER NOT NULL,
    PRIMARY KEY (key, at)
) STRICT, WITHOUT ROWID;

-- One row a look: what was tested, and what could not be for want of a past.
CREATE TABLE emerging_looks (
    at        TEXT NOT NULL PRIMARY KEY,
    articles  INTEGER NOT NULL,               -- in the window that was looked at
    past_days REAL NOT NULL,                  -- days of past that there were to compare with
    tested    INTEGER NOT NULL,               -- units: names, word pairs, stories, crossings
    found     INTEGER NOT NULL,               -- signals that rise, told before or not
    said      TEXT NOT NULL DEFAULT ''        -- why bursts were not looked for; '' where they were
) STRICT, WITHOUT ROWID;

-- What people put to sleep and woke: appended, never changed. The last one on a subject counts.
CREATE TABLE emerging_snoozes (
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    subject TEXT NOT NULL,                    -- of every episode
    until   TEXT NOT NULL,                    -- not shown before; '': woken
    who     TEXT NOT NULL CHECK (who NOT LIKE '%@%'), -- a handle, never an address
    at      TEXT NOT NULL,
    why     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX emerging_snoozes_subject ON emerging_snoozes (kind, subject, id);

CREATE VIEW emerging_signals AS -- one row an episode, the latest first
SELECT
    e.key AS signal, e.kind AS kind, e.label AS label, e.strength AS strength,
    CASE WHEN e.ended_at IS NULL THEN 'lasts' ELSE 'ended' END AS state,
    e.first_seen AS first_seen, e.last_seen AS last_seen, e.raised_at AS raised_at,
    e.ended_at AS ended_at, e.why AS why, e.texts AS texts, e.expected AS expected,
    e.sources AS sources, e.territories AS territories,
    coalesce((SELECT f.to_id FROM forwards f WHERE f.public_id = e.story), e.story) AS story,
    coalesce((SELECT s.until FROM emerging_snoozes s WHERE s.kind = e.kind AND s.subject = e.subject
              ORDER BY s.id DESC LIMIT 1), '') AS asleep_until
FROM emerging e
ORDER BY e.last_seen DESC;
