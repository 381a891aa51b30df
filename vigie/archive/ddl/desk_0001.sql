-- The desk: people, and what is not public yet. Never published, never copied into the archive.
-- Articles and issues are named by their public ids, so that either file can be restored alone.

CREATE TABLE users (
    id       INTEGER PRIMARY KEY,
    handle   TEXT NOT NULL UNIQUE CHECK (handle NOT LIKE '%@%'), -- signs decisions in the archive
    name     TEXT NOT NULL,
    address  TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL DEFAULT 'fr',
    role     TEXT NOT NULL CHECK (role IN ('coordinator', 'partner', 'operator')),
    added_at TEXT NOT NULL
) STRICT;

-- Partner structures.
CREATE TABLE partners (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    contact  TEXT NOT NULL DEFAULT '',         -- the structure's own address
    added_at TEXT NOT NULL
) STRICT;

CREATE TABLE recipients (
    id          INTEGER PRIMARY KEY,
    partner_id  INTEGER NOT NULL REFERENCES partners (id),
    name        TEXT NOT NULL,
    address     TEXT NOT NULL UNIQUE COLLATE NOCASE,
    language    TEXT NOT NULL CHECK (language IN ('fr', 'nl', 'de', 'en')),
    clearance   TEXT NOT NULL DEFAULT 'TLP:CLEAR', -- the most restrictive label they may see
    legal_basis TEXT NOT NULL,                 -- e.g. legitimate interest: message tied to the function
    origin      TEXT NOT NULL,                 -- how the address came to us
    added_at    TEXT NOT NULL,
    removed_at  TEXT
) STRICT;

-- Which edition a recipient receives; theme '' stands for all themes.
CREATE TABLE subscriptions (
    recipient_id INTEGER NOT NULL REFERENCES recipients (id),
    edition      TEXT NOT NULL,
    theme        TEXT NOT NULL DEFAULT '',
    added_at     TEXT NOT NULL,
    PRIMARY KEY (recipient_id, edition, theme)
) STRICT, WITHOUT ROWID;

-- The ledger: one row for one issue revision and one recipient, claimed before SMTP is spoken.
CREATE TABLE deliveries (
    id             INTEGER PRIMARY KEY,
    issue_id       TEXT NOT NULL,
    issue_revision INTEGER NOT NULL,
    recipient_id   INTEGER NOT NULL REFERENCES recipients (id),
    state          TEXT NOT NULL CHECK (
        state IN ('queued', 'claimed', 'sending', 'sent', 'deferred', 'refused', 'in doubt')
    ),
    detail         TEXT NOT NULL DEFAULT '',   -- what the server said
    queued_at      TEXT NOT NULL,
    changed_at     TEXT NOT NULL,
    UNIQUE (issue_id, issue_revision, recipient_id)
) STRICT;
CREATE INDEX deliveries_state ON deliveries (state);

-- Issues not published yet, as JSON.
CREATE TABLE drafts (
    issue_id   TEXT PRIMARY KEY,
    edition    TEXT NOT NULL,
    period     TEXT NOT NULL,
    content    TEXT NOT NULL,
    drafted_at TEXT NOT NULL
) STRICT;

-- What each source's responsible coordinator was last told of its health.
CREATE TABLE health_told (
    source_id TEXT PRIMARY KEY,                -- as in the archive
    state     TEXT NOT NULL,                   -- well, late, silent ...
    who       TEXT NOT NULL,                   -- handle; '' where nobody had to be told
    told_at   TEXT NOT NULL
) STRICT;

-- Private comments of the team on an article.
CREATE TABLE comments (
    id      INTEGER PRIMARY KEY,
    article TEXT NOT NULL,                     -- public id
    who     TEXT NOT NULL,                     -- handle
    at      TEXT NOT NULL,
    body    TEXT NOT NULL
) STRICT;
CREATE INDEX comments_article ON comments (article);
