-- What sources.toml says of a source beyond the columns, and since when one is paused or taken out.

ALTER TABLE sources ADD COLUMN responsible TEXT NOT NULL DEFAULT '' -- handle of who answers for it
    CHECK (responsible NOT LIKE '%@%');
ALTER TABLE sources ADD COLUMN rules TEXT NOT NULL DEFAULT '{}'; -- JSON: the table of its kind
ALTER TABLE sources ADD COLUMN stopped_at TEXT NOT NULL DEFAULT ''; -- when it was paused or taken out

ALTER TABLE polls ADD COLUMN notice TEXT NOT NULL DEFAULT ''; -- what was amiss though the poll went well

-- Documents that a source's listing led to, as read: one that is listed unchanged is not asked again.
CREATE TABLE followed (
    source_id TEXT NOT NULL REFERENCES sources (id),
    url       TEXT NOT NULL,
    stamp     TEXT NOT NULL,                  -- what the listing said of it: a date, or a digest
    at        TEXT NOT NULL,                  -- when it was last read
    PRIMARY KEY (source_id, url)
) STRICT, WITHOUT ROWID;

-- As before, with two more kinds of event.
CREATE TABLE source_events_new (
    id        INTEGER PRIMARY KEY,
    source_id TEXT REFERENCES sources (id),   -- NULL: the whole run
    at        TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (
        kind IN (
            'moved', 'moved back', 'retired', 'revived', 'outage', 'reserved', 'paused', 'resumed'
        )
    ),
    detail    TEXT NOT NULL
) STRICT;
INSERT INTO source_events_new SELECT id, source_id, at, kind, detail FROM source_events;
DROP TABLE source_events;
ALTER TABLE source_events_new RENAME TO source_events;
CREATE INDEX source_events_source ON source_events (source_id, at);

DROP VIEW source_health;
CREATE VIEW source_health AS -- one row a source
SELECT
    s.id AS source, s.title AS title, s.active AS active,
    CASE WHEN s.active = 0 OR p.retired_at IS NOT NULL THEN 'retired'
         WHEN s.paused_until > strftime('%Y-%m-%d', 'now') THEN 'paused'
         WHEN p.last_polled IS NULL THEN 'never polled'
         WHEN p.failure_kind = '' THEN 'well' ELSE 'ill' END AS state,
    p.failure_kind AS failure, p.failure_detail AS failure_detail, p.ill_since AS ill_since,
    p.last_ok AS last_ok, p.next_due AS next_due,
    (SELECT count(*) FROM articles a WHERE a.source_id = s.id) AS articles,
    (SELECT max(a.published) FROM articles a WHERE a.source_id = s.id) AS last_article,
    p.notice AS notice, s.paused_until AS paused_until, s.note AS note
FROM sources s LEFT JOIN polls p ON p.source_id = s.id;
