-- What people say of an issue before it is published, when one was proposed, which forms are ours.

-- Words of people on one story in one issue: appended, never changed. The last one on a field counts.
CREATE TABLE item_edits (
    id       INTEGER PRIMARY KEY,
    issue_id TEXT NOT NULL,
    story    TEXT NOT NULL,                    -- public id
    field    TEXT NOT NULL CHECK (
        field IN ('stands', 'section', 'rank', 'comment', 'credibility', 'tlp', 'place', 'nuts')
    ),
    value    TEXT NOT NULL,                    -- '' takes it back
    who      TEXT NOT NULL CHECK (who NOT LIKE '%@%'), -- a handle, never an address
    at       TEXT NOT NULL
) STRICT;
CREATE INDEX item_edits_issue ON item_edits (issue_id, id);

-- Issues that the calendar asked for, each once.
CREATE TABLE proposals (
    edition TEXT NOT NULL,
    period  TEXT NOT NULL,
    due_at  TEXT NOT NULL,
    at      TEXT NOT NULL,                     -- when it was drafted, or found too late to be
    outcome TEXT NOT NULL,                     -- drafted, there already, too late
    PRIMARY KEY (edition, period)
) STRICT, WITHOUT ROWID;

-- Forms that this very Vigie has published with: only their code is run to make an issue again.
CREATE TABLE forms_of_ours (
    sha256   TEXT NOT NULL PRIMARY KEY,
    template TEXT NOT NULL,
    at       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
