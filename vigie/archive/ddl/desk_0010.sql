-- Alerts: what each recipient wants of them, what was made, to whom it goes, what was posted.

-- What of the alerts someone on their list wants; a structure's row holds for those of its people
-- who have none of their own. Without any, all rules.
CREATE TABLE alert_wishes (
    id           INTEGER PRIMARY KEY,
    recipient_id INTEGER UNIQUE REFERENCES recipients (id),
    partner_id   INTEGER UNIQUE REFERENCES partners (id),
    rules        TEXT NOT NULL DEFAULT '["*"]', -- JSON lists; "*" stands for every rule
    vendors      TEXT NOT NULL DEFAULT '[]',  -- whose advisories they want, whatever the rules
    themes       TEXT NOT NULL DEFAULT '[]',  -- the same
    severity     TEXT NOT NULL DEFAULT '',    -- at least; '' for all
    changed_at   TEXT NOT NULL,
    CHECK ((recipient_id IS NULL) <> (partner_id IS NULL))
) STRICT;

-- Since when articles are looked at: one row.
CREATE TABLE alert_begun (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    since TEXT NOT NULL
) STRICT;

-- What became of each article that was looked at, in its present words.
CREATE TABLE alert_looks (
    article   TEXT PRIMARY KEY,               -- public id
    revision  INTEGER NOT NULL,
    text_from TEXT NOT NULL,                  -- which text was there
    how       TEXT NOT NULL,                  -- new, update, joined, again, old, none
    why       TEXT NOT NULL,
    at        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What an alert is about: a matter, told once and then in updates.
CREATE TABLE alert_matters (
    id        INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,           -- al-...: made from its key
    key       TEXT NOT NULL UNIQUE,           -- of its first advisory (issuer and reference), or its story
    kind      TEXT NOT NULL CHECK (kind IN ('advisory', 'story')),
    last_at   TEXT NOT NULL                   -- when anything last came to it
) STRICT;
CREATE INDEX alert_matters_last ON alert_matters (last_at);

CREATE TABLE alert_versions (
    matter_id  INTEGER NOT NULL REFERENCES alert_matters (id),
    n          INTEGER NOT NULL,              -- the alert's own revision, from 1
    at         TEXT NOT NULL,
    content    TEXT NOT NULL,                 -- the alert as JSON
    approval   TEXT NOT NULL DEFAULT '' CHECK (
        approval IN ('', 'awaited', 'approved', 'rejected')
    ),                                        -- '': nobody has to say yes
    who        TEXT NOT NULL DEFAULT '',      -- a handle
    decided_at TEXT,
    why        TEXT NOT NULL DEFAULT '',
    public_at  TEXT,                          -- when the archive was told that it went out
    PRIMARY KEY (matter_id, n)
) STRICT, WITHOUT ROWID;

-- Issuers' revisions of advisories that were dealt with: none is dealt with again.
CREATE TABLE alert_advisories (
    name      TEXT NOT NULL,                  -- issuer and reference
    revision  TEXT NOT NULL,                  -- as the issuer counts
    matter_id INTEGER NOT NULL REFERENCES alert_matters (id),
    how       TEXT NOT NULL,                  -- new, update, joined, old
    article   TEXT NOT NULL,                  -- public id
    at        TEXT NOT NULL,
    PRIMARY KEY (name, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_advisories_matter ON alert_advisories (matter_id);

-- To whom an alert's revision goes, once: a row is made with it, and a message takes it.
CREATE TABLE alert_items (
    id           INTEGER PRIMARY KEY,
    matter_id    INTEGER NOT NULL,
    n            INTEGER NOT NULL,
    recipient_id INTEGER NOT NULL REFERENCES recipients (id),
    rules        TEXT NOT NULL,               -- JSON list: by which it comes to them
    tlp          TEXT NOT NULL,               -- of their copy
    state        TEXT NOT NULL CHECK (
        state IN ('held', 'waiting', 'told', 'counted', 'number', 'superseded', 'rejected',
                  'expired')
    ), -- held: for approval; counted: beyond the day's limit, told as a number afterwards
    since        TEXT NOT NULL,
    delivery_id  INTEGER REFERENCES deliveries (id), -- the message, for told and number
    UNIQUE (matter_id, n, recipient_id),
    FOREIGN KEY (matter_id, n) REFERENCES alert_versions (matter_id, n)
) STRICT;
CREATE INDEX alert_items_state ON alert_items (state, recipient_id);
CREATE INDEX alert_items_delivery ON alert_items (delivery_id);
CREATE INDEX alert_items_recipient ON alert_items (recipient_id, matter_id);

-- The same for machines (`[[hook]]` in alerts.toml), with the very bytes that each try sends.
CREATE TABLE alert_posts (
    id         INTEGER PRIMARY KEY,
    hook       TEXT NOT NULL,
    matter_id  INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    rules      TEXT NOT NULL,                 -- JSON list
    tlp        TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (
        state IN ('held', 'queued', 'sending', 'sent', 'deferred', 'refused', 'superseded',
                  'rejected')
    ),
    tries      INTEGER NOT NULL DEFAULT 0,
    next_try   TEXT,
    detail     TEXT NOT NULL DEFAULT '',
    since      TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (hook, matter_id, n),
    FOREIGN KEY (matter_id, n) REFERENCES alert_versions (matter_id, n)
) STRICT;
CREATE INDEX alert_posts_state ON alert_posts (state);
