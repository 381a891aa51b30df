-- What was alerted, and never to whom: an alert, and each of its revisions that went out.

CREATE TABLE alerts (
    id        INTEGER PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,           -- al-...: made from its key
    key       TEXT NOT NULL UNIQUE,           -- of its first advisory (issuer and reference), or its story
    kind      TEXT NOT NULL CHECK (kind IN ('advisory', 'story'))
) STRICT;

CREATE TABLE alert_revisions (
    alert_id         INTEGER NOT NULL REFERENCES alerts (id),
    n                INTEGER NOT NULL,        -- 1 is the first; later ones went out as updates
    at               TEXT NOT NULL,           -- when the first copy left
    article_id       INTEGER NOT NULL,        -- the article that speaks for it
    article_revision INTEGER NOT NULL,
    severity         TEXT NOT NULL DEFAULT '', -- critical, high, medium, low, none; '' where nothing says
    severity_why     TEXT NOT NULL DEFAULT '', -- a CVSS rating, or the issuer's words
    cves             TEXT NOT NULL DEFAULT '[]', -- JSON lists
    vendors          TEXT NOT NULL DEFAULT '[]',
    advisories       TEXT NOT NULL DEFAULT '[]', -- of [issuer, reference, the issuer's revision, address]
    story            TEXT NOT NULL DEFAULT '', -- its public id then; '' for an advisory
    sources          INTEGER NOT NULL DEFAULT 0, -- how many carried the story then; 0 for an advisory
    PRIMARY KEY (alert_id, n),
    FOREIGN KEY (article_id, article_revision) REFERENCES revisions (article_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_revisions_at ON alert_revisions (at);

CREATE VIEW alert_list AS -- one row an alert as it last went out
SELECT
    l.public_id AS alert, l.kind AS kind, v.n AS revision, min(f.at) AS first_at, v.at AS last_at,
    r.title AS title, s.title AS source, a.url AS url, v.severity AS severity,
    v.severity_why AS severity_why, v.cves AS cves, v.vendors AS vendors,
    v.advisories AS advisories, v.story AS story, v.sources AS sources, a.public_id AS article
FROM alerts l
JOIN alert_revisions v ON v.alert_id = l.id
    AND v.n = (SELECT max(x.n) FROM alert_revisions x WHERE x.alert_id = l.id)
JOIN alert_revisions f ON f.alert_id = l.id
JOIN articles a ON a.id = v.article_id
JOIN revisions r ON r.article_id = v.article_id AND r.n = v.article_revision
JOIN sources s ON s.id = a.source_id
GROUP BY l.id;

-- What came of late is asked for at every turn.
CREATE INDEX revisions_seen ON revisions (seen_at);
