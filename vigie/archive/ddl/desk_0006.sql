-- Mailing: what a recipient wants and consented to, who must not be written to, bounces, approval.

-- Keys that sign links and hash addresses. Made when first needed; they never leave this file.
CREATE TABLE keys (
    name    TEXT PRIMARY KEY,                  -- links, addresses
    value   BLOB NOT NULL,
    made_at TEXT NOT NULL
) STRICT;

ALTER TABLE recipients ADD COLUMN format TEXT NOT NULL DEFAULT 'html'
    CHECK (format IN ('html', 'text'));
ALTER TABLE recipients ADD COLUMN awaited INTEGER NOT NULL DEFAULT 0; -- 1 until consent is confirmed
ALTER TABLE recipients ADD COLUMN confirmed_at TEXT;
ALTER TABLE recipients ADD COLUMN suspended_at TEXT;                  -- since a hard bounce
ALTER TABLE recipients ADD COLUMN soft_bounces INTEGER NOT NULL DEFAULT 0;

ALTER TABLE partners ADD COLUMN bounces_told_at TEXT;

-- The structure of those who have left: a row of theirs says no more where they belonged.
INSERT INTO partners (name, added_at) VALUES ('', '2026-11-21T00:00:00Z');

-- Who has left, by a keyed hash of their address and nothing else: an import cannot bring them back.
CREATE TABLE departures (
    hash    TEXT NOT NULL,                     -- HMAC-SHA256 of the address in small letters
    edition TEXT NOT NULL,                     -- '' for all
    at      TEXT NOT NULL,
    how     TEXT NOT NULL CHECK (how IN ('link', 'command', 'erased')),
    PRIMARY KEY (hash, edition)
) STRICT, WITHOUT ROWID;

-- Confirmation mails that were sent, for their limits of rate.
CREATE TABLE confirmations (
    id         INTEGER PRIMARY KEY,
    hash       TEXT NOT NULL,                  -- as in departures
    partner_id INTEGER NOT NULL REFERENCES partners (id),
    sent_at    TEXT NOT NULL
) STRICT;
CREATE INDEX confirmations_hash ON confirmations (hash);

-- The ledger again, with two more states, and what trying again later needs.
CREATE TABLE deliveries_0006 (
    id             INTEGER PRIMARY KEY,
    issue_id       TEXT NOT NULL,
    issue_revision INTEGER NOT NULL,
    recipient_id   INTEGER NOT NULL REFERENCES recipients (id),
    state          TEXT NOT NULL CHECK (
        state IN ('queued', 'claimed', 'sending', 'sent', 'deferred', 'refused', 'bounced',
                  'in doubt', 'withdrawn')
    ),
    detail         TEXT NOT NULL DEFAULT '',   -- what the server said
    queued_at      TEXT NOT NULL,
    changed_at     TEXT NOT NULL,
    deferred_at    TEXT,                       -- when the server first said "later"
    next_try       TEXT,                       -- not before; NULL: at once
    UNIQUE (issue_id, issue_revision, recipient_id)
) STRICT;
INSERT INTO deliveries_0006 (id, issue_id, issue_revision, recipient_id, state, detail, queued_at,
    changed_at)
SELECT id, issue_id, issue_revision, recipient_id, state, detail, queued_at, changed_at
FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_0006 RENAME TO deliveries;
CREATE INDEX deliveries_state ON deliveries (issue_id, issue_revision, state);
CREATE INDEX deliveries_recipient ON deliveries (recipient_id);

-- Deliveries of people whose data were erased: how many ended how, and nobody's name.
CREATE TABLE delivery_counts (
    issue_id       TEXT NOT NULL,
    issue_revision INTEGER NOT NULL,
    state          TEXT NOT NULL,
    number         INTEGER NOT NULL,
    PRIMARY KEY (issue_id, issue_revision, state)
) STRICT, WITHOUT ROWID;

-- Who approved the sending of an issue's revision: never who published it.
CREATE TABLE approvals (
    issue_id       TEXT NOT NULL,
    issue_revision INTEGER NOT NULL,
    who            TEXT NOT NULL,              -- a handle
    at             TEXT NOT NULL,
    PRIMARY KEY (issue_id, issue_revision)
) STRICT, WITHOUT ROWID;

-- When `vigie serve` sends an issue by itself.
CREATE TABLE schedules (
    issue_id       TEXT NOT NULL,
    issue_revision INTEGER NOT NULL,
    due_at         TEXT NOT NULL,
    who            TEXT NOT NULL,
    asked_at       TEXT,                       -- found overdue: it asked, and did not send
    done_at        TEXT,
    PRIMARY KEY (issue_id, issue_revision)
) STRICT, WITHOUT ROWID;

-- Messages that came back, each once.
CREATE TABLE bounces (
    id           INTEGER PRIMARY KEY,
    digest       TEXT NOT NULL UNIQUE,         -- SHA-256 of the message as it was read
    recipient_id INTEGER REFERENCES recipients (id), -- NULL: nobody that we know
    delivery_id  INTEGER REFERENCES deliveries (id), -- NULL: not known which
    kind         TEXT NOT NULL CHECK (kind IN ('hard', 'soft', 'unclear')),
    status       TEXT NOT NULL DEFAULT '',     -- RFC 3463, such as 5.1.1; '' where not given
    detail       TEXT NOT NULL DEFAULT '',
    at           TEXT NOT NULL,
    told_at      TEXT                          -- when the structure's contact was told
) STRICT;
CREATE INDEX bounces_recipient ON bounces (recipient_id);
