-- The archive: everything Vigie has gathered and said in public. It holds no person's address, no
-- draft and no private comment, so that it can be published whole. Times are UTC, ISO 8601, with a Z.
-- This file is the first migration; later ones are added beside it and never change it. What is in
-- force, comments included: `vigie archive schema`.

-- Sources as declared in sources.toml, where one that leaves the file stays here with active = 0,
-- and those that were added at the desk.
CREATE TABLE sources (
    id          TEXT PRIMARY KEY,           -- slug chosen by the coordinator
    title       TEXT NOT NULL,
    kind        TEXT NOT NULL,              -- feed
    url         TEXT NOT NULL,              -- what is polled
    homepage    TEXT NOT NULL DEFAULT '',
    language    TEXT NOT NULL DEFAULT '',   -- as declared, ISO 639-1
    territory   TEXT NOT NULL DEFAULT '',   -- NUTS or country code
    rights      TEXT NOT NULL CHECK (rights IN ('full', 'excerpt', 'link')),
    reliability TEXT NOT NULL CHECK (reliability IN ('A', 'B', 'C', 'D', 'E', 'F')), -- Admiralty
    rhythm      TEXT NOT NULL,              -- expected: hourly, daily, weekly, monthly
    themes      TEXT NOT NULL DEFAULT '[]', -- JSON list of theme ids it usually serves
    editions    TEXT NOT NULL DEFAULT '[]', -- JSON list of edition ids
    active      INTEGER NOT NULL DEFAULT 1, -- 0: no longer polled
    paused_until TEXT NOT NULL DEFAULT '',  -- not polled before that day (2026-12-31); '' if not paused
    note        TEXT NOT NULL DEFAULT '',   -- why it is paused or retired
    origin      TEXT NOT NULL DEFAULT 'file' CHECK (origin IN ('file', 'desk')), -- who added it
    added_at    TEXT NOT NULL,
    tdm_override TEXT NOT NULL DEFAULT ''   -- why a reservation against mining is not followed
) STRICT;

-- What is remembered of a source between two polls.
CREATE TABLE polls (
    source_id      TEXT PRIMARY KEY REFERENCES sources (id),
    next_due       TEXT NOT NULL,
    etag           TEXT NOT NULL DEFAULT '',  -- validators, exactly as the server gave them
    last_modified  TEXT NOT NULL DEFAULT '',
    last_polled    TEXT,
    last_ok        TEXT,                      -- last poll without a failure
    ill_since      TEXT,                      -- first failure in a row; NULL when well
    failures       INTEGER NOT NULL DEFAULT 0, -- in a row
    failure_kind   TEXT NOT NULL DEFAULT '',  -- timeout, http, not-a-feed ...; '' when well
    failure_detail TEXT NOT NULL DEFAULT '',
    failure_status INTEGER NOT NULL DEFAULT 0, -- HTTP status of the failure, 0 where none
    moved_to       TEXT NOT NULL DEFAULT '',  -- permanent redirect, as the last poll met it
    moved_seen     INTEGER NOT NULL DEFAULT 0, -- polls in a row that said so
    url            TEXT NOT NULL DEFAULT '',  -- polled since a confirmed move; '': the declared one
    moved_at       TEXT,                      -- since when
    since_full     INTEGER NOT NULL DEFAULT 0, -- "not modified" answers since a whole one
    last_full      TEXT,                      -- when the whole feed last came
    ttl            REAL,                      -- seconds that the feed asks to wait; NULL: none said
    skip_hours     TEXT NOT NULL DEFAULT '[]', -- JSON list: hours (UTC) without polls, its wish
    skip_days      TEXT NOT NULL DEFAULT '[]', -- JSON list: days without polls, 0 is Monday
    norm           REAL,                      -- usual seconds between two items; NULL: not known
    last_item      TEXT,                      -- date of its newest item, or when one last came
    spared_at      TEXT,                      -- since when local outages excuse its failures
    retired_at     TEXT,                      -- when its server said 410 Gone; never polled since
    retired_why    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX polls_due ON polls (next_due);

-- What a source's host asks of machines: asked with the first poll, then weekly.
CREATE TABLE reservations (
    source_id     TEXT PRIMARY KEY REFERENCES sources (id),
    checked_at    TEXT NOT NULL,
    robots        TEXT NOT NULL CHECK (robots IN ('none', 'allows', 'disallows', 'unknown')),
    robots_detail TEXT NOT NULL DEFAULT '',   -- why unknown
    tdm           INTEGER NOT NULL DEFAULT 0, -- 1: text and data mining of what is polled reserved
    tdm_from      TEXT NOT NULL DEFAULT '',   -- what said so: file, header
    tdm_policy    TEXT NOT NULL DEFAULT '',   -- address of the terms
    rules         TEXT NOT NULL DEFAULT '[]'  -- JSON: the host's tdmrep.json, as understood
) STRICT;

-- What happened to a source, or to all of them, that its polls alone do not tell.
CREATE TABLE source_events (
    id        INTEGER PRIMARY KEY,
    source_id TEXT REFERENCES sources (id),   -- NULL: the whole run
    at        TEXT NOT NULL,
    kind      TEXT NOT NULL CHECK (
        kind IN ('moved', 'moved back', 'retired', 'revived', 'outage', 'reserved')
    ),
    detail    TEXT NOT NULL
) STRICT;
CREATE INDEX source_events_source ON source_events (source_id, at);

-- One row for each poll of a source.
CREATE TABLE fetches (
    id             INTEGER PRIMARY KEY,
    source_id      TEXT NOT NULL REFERENCES sources (id),
    at             TEXT NOT NULL,
    seconds        REAL NOT NULL,
    status         INTEGER NOT NULL,          -- HTTP status, 0 where there was none
    bytes          INTEGER NOT NULL,          -- decoded
    items          INTEGER NOT NULL,          -- entries read
    new            INTEGER NOT NULL,
    revised        INTEGER NOT NULL,
    failure_kind   TEXT NOT NULL DEFAULT '',
    failure_detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX fetches_source ON fetches (source_id, at);

-- Articles: one row for one identity (canonical URL), whatever was edited and whoever carries it.
CREATE TABLE articles (
    id           INTEGER PRIMARY KEY,
    public_id    TEXT NOT NULL UNIQUE,        -- to cite: depends on the key alone
    key          TEXT NOT NULL UNIQUE,        -- canonical URL, or urn:vigie:... where there is none
    source_id    TEXT NOT NULL REFERENCES sources (id), -- who carried it first
    url          TEXT NOT NULL,               -- as the source gives it
    author       TEXT NOT NULL DEFAULT '',
    declared_language TEXT NOT NULL DEFAULT '',
    categories   TEXT NOT NULL DEFAULT '[]',  -- JSON list, the source's own
    image        TEXT NOT NULL DEFAULT '',
    published    TEXT NOT NULL,               -- as stated, else when first seen
    dated        INTEGER NOT NULL,            -- 1: the source stated the date
    first_seen   TEXT NOT NULL,
    revision     INTEGER NOT NULL DEFAULT 1,  -- the current one
    page         TEXT NOT NULL DEFAULT 'none' CHECK (page IN ('none', 'wanted', 'done', 'failed')),
    page_tries   INTEGER NOT NULL DEFAULT 0,
    page_detail  TEXT NOT NULL DEFAULT ''     -- why the page gave no text
) STRICT;
CREATE INDEX articles_published ON articles (published);
CREATE INDEX articles_source ON articles (source_id, published);
CREATE INDEX articles_page ON articles (page) WHERE page = 'wanted';

-- Every version of an article's words. The text obeys the source's rights.
CREATE TABLE revisions (
    article_id   INTEGER NOT NULL REFERENCES articles (id),
    n            INTEGER NOT NULL,            -- 1 is the first seen
    seen_at      TEXT NOT NULL,
    title        TEXT NOT NULL,
    summary      TEXT NOT NULL,
    text         TEXT NOT NULL DEFAULT '',    -- from the feed or, later, the page
    text_from    TEXT NOT NULL DEFAULT '' CHECK (text_from IN ('', 'feed', 'page')),
    content_hash TEXT NOT NULL,               -- of what the source gave, before rights
    changed      TEXT NOT NULL DEFAULT '',    -- what differs from the one before
    PRIMARY KEY (article_id, n)
) STRICT;

-- What a security advisory says in fields, for each revision of its article.
CREATE TABLE advisories (
    article_id      INTEGER NOT NULL,
    n               INTEGER NOT NULL,         -- the article's revision
    reference       TEXT NOT NULL,            -- the issuer's name for it: CERTFR-2026-AVI-0001
    issuer_revision TEXT NOT NULL,            -- as the issuer counts: a version or a date
    issuer          TEXT NOT NULL,
    cves            TEXT NOT NULL DEFAULT '[]', -- JSON lists
    vendors         TEXT NOT NULL DEFAULT '[]',
    products        TEXT NOT NULL DEFAULT '[]',
    risks           TEXT NOT NULL DEFAULT '[]',
    severity        TEXT NOT NULL DEFAULT '', -- critical, high, medium, low, none, or the issuer's
    tlp             TEXT NOT NULL DEFAULT '', -- TLP label; '' where the issuer gives none
    PRIMARY KEY (article_id, n),
    FOREIGN KEY (article_id, n) REFERENCES revisions (article_id, n)
) STRICT;
CREATE INDEX advisories_reference ON advisories (reference);

-- Which source carries which article.
CREATE TABLE sightings (
    source_id    TEXT NOT NULL REFERENCES sources (id),
    article_id   INTEGER NOT NULL REFERENCES articles (id),
    guid         TEXT NOT NULL DEFAULT '',
    content_hash TEXT NOT NULL,               -- as this source last gave it
    first_seen   TEXT NOT NULL,
    PRIMARY KEY (source_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sightings_article ON sightings (article_id);

-- What could not be read: who, when, what, where. Nothing is thrown away in silence.
CREATE TABLE quarantine (
    id         INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    source_id  TEXT NOT NULL REFERENCES sources (id),
    place      TEXT NOT NULL,                 -- feed, entry 3, page URL
    reason     TEXT NOT NULL,
    sample     BLOB NOT NULL,                 -- the first bytes
    digest     TEXT NOT NULL,                 -- of place, reason and sample: the same fault once
    UNIQUE (source_id, digest)
) STRICT;

-- Models that results refer to. `state` is what a fitted model needs to come back the same.
CREATE TABLE models (
    id        INTEGER PRIMARY KEY,
    role      TEXT NOT NULL CHECK (role IN ('reading', 'vectors', 'grouping')),
    name      TEXT NOT NULL,
    revision  TEXT NOT NULL,
    state     BLOB,
    fitted_on INTEGER NOT NULL DEFAULT 0,     -- articles it was fitted on
    added_at  TEXT NOT NULL,
    UNIQUE (role, name, revision)
) STRICT;

-- That an article's revision was read, by which model, and in what language it is.
CREATE TABLE readings (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id),
    revision   INTEGER NOT NULL,
    text_from  TEXT NOT NULL,                 -- which text was there to read
    model_id   INTEGER NOT NULL REFERENCES models (id),
    language   TEXT NOT NULL,                 -- ISO 639-1, und where unknown
    confidence REAL NOT NULL,                 -- 0 to 1
    why        TEXT NOT NULL,
    at         TEXT NOT NULL
) STRICT;
CREATE INDEX readings_language ON readings (language);

-- Who and what is named. From gazetteer.toml, or found by a model.
CREATE TABLE entities (
    id       TEXT PRIMARY KEY,                -- gazetteer slug, or label:name
    name     TEXT NOT NULL,
    label    TEXT NOT NULL CHECK (label IN ('PER', 'LOC', 'ORG', 'MISC')),
    kind     TEXT NOT NULL DEFAULT '',
    country  TEXT NOT NULL DEFAULT '',
    wikidata TEXT NOT NULL DEFAULT '',
    nuts     TEXT NOT NULL DEFAULT '',
    lat      REAL,
    lon      REAL,
    origin   TEXT NOT NULL CHECK (origin IN ('gazetteer', 'model'))
) STRICT;

CREATE TABLE mentions (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    entity_id  TEXT NOT NULL REFERENCES entities (id),
    field      TEXT NOT NULL CHECK (field IN ('title', 'summary', 'text')),
    start      INTEGER NOT NULL,              -- characters into the field
    "end"      INTEGER NOT NULL,
    surface    TEXT NOT NULL,
    why        TEXT NOT NULL,
    PRIMARY KEY (article_id, field, start, "end", entity_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_entity ON mentions (entity_id, article_id);

CREATE TABLE themes (
    id       TEXT PRIMARY KEY,
    taxonomy TEXT NOT NULL,
    label_fr TEXT NOT NULL,
    label_nl TEXT NOT NULL,
    label_de TEXT NOT NULL,
    label_en TEXT NOT NULL,
    active   INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE article_themes (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    theme_id   TEXT NOT NULL REFERENCES themes (id),
    score      REAL NOT NULL,                 -- 0 to 1
    why        TEXT NOT NULL,                 -- the words, and where they stand
    PRIMARY KEY (article_id, theme_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX article_themes_theme ON article_themes (theme_id, score);

-- Vectors: float16, little-endian, unit length.
CREATE TABLE vectors (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    model_id   INTEGER NOT NULL REFERENCES models (id),
    revision   INTEGER NOT NULL,              -- of the article
    text_from  TEXT NOT NULL,
    vector     BLOB NOT NULL,
    PRIMARY KEY (article_id, model_id)
) STRICT, WITHOUT ROWID;

-- Near-duplicates: one row for a group, one for each member with its reason.
CREATE TABLE duplicate_groups (
    id         INTEGER PRIMARY KEY,
    public_id  TEXT NOT NULL UNIQUE,          -- made from its founder
    founder_id INTEGER NOT NULL UNIQUE REFERENCES articles (id)
) STRICT;

CREATE TABLE duplicate_members (
    article_id   INTEGER PRIMARY KEY REFERENCES articles (id),
    group_id     INTEGER NOT NULL REFERENCES duplicate_groups (id),
    neighbour_id INTEGER REFERENCES articles (id), -- nearest member; NULL for the founder
    score        REAL NOT NULL,
    why          TEXT NOT NULL,
    model_id     INTEGER NOT NULL REFERENCES models (id),
    at           TEXT NOT NULL
) STRICT;
CREATE INDEX duplicate_members_group ON duplicate_members (group_id);

-- Stories: one event and its immediate development.
CREATE TABLE stories (
    id         INTEGER PRIMARY KEY,
    public_id  TEXT NOT NULL UNIQUE,          -- to cite: made from its founder
    founder_id INTEGER NOT NULL UNIQUE REFERENCES articles (id)
) STRICT;

CREATE TABLE story_members (
    article_id   INTEGER PRIMARY KEY REFERENCES articles (id),
    story_id     INTEGER NOT NULL REFERENCES stories (id),
    neighbour_id INTEGER REFERENCES articles (id),
    score        REAL NOT NULL,
    why          TEXT NOT NULL,
    model_id     INTEGER NOT NULL REFERENCES models (id),
    at           TEXT NOT NULL
) STRICT;
CREATE INDEX story_members_story ON story_members (story_id);

-- People's acts: appended, never changed. The last one on an article counts.
CREATE TABLE decisions (
    id         INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    verdict    TEXT NOT NULL CHECK (verdict IN ('keep', 'reject')),
    who        TEXT NOT NULL CHECK (who NOT LIKE '%@%'), -- a handle, never an address
    at         TEXT NOT NULL,
    why        TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX decisions_article ON decisions (article_id, id);

-- Published issues of the bulletin, frozen. A correction is a new revision.
CREATE TABLE issues (
    id           TEXT NOT NULL,               -- normandie-2026Q4
    revision     INTEGER NOT NULL,
    edition      TEXT NOT NULL,
    period       TEXT NOT NULL,               -- 2026Q4
    title        TEXT NOT NULL,               -- in the edition's own language
    starts       TEXT NOT NULL,
    ends         TEXT NOT NULL,               -- not included
    tlp          TEXT NOT NULL,               -- the most restrictive of its items
    published_at TEXT NOT NULL,
    published_by TEXT NOT NULL CHECK (published_by NOT LIKE '%@%'),
    content      TEXT NOT NULL,               -- the whole issue as JSON: what the files were made of
    PRIMARY KEY (id, revision)
) STRICT;

CREATE TABLE issue_items (
    issue_id         TEXT NOT NULL,
    issue_revision   INTEGER NOT NULL,
    position         INTEGER NOT NULL,        -- in the whole issue, from 1
    section          TEXT NOT NULL,           -- theme id, or other
    article_id       INTEGER NOT NULL REFERENCES articles (id),
    article_revision INTEGER NOT NULL,
    story            TEXT NOT NULL,           -- its public id when published
    title            TEXT NOT NULL,
    excerpt          TEXT NOT NULL,
    url              TEXT NOT NULL,
    source           TEXT NOT NULL,
    published        TEXT NOT NULL,
    place            TEXT NOT NULL,
    why              TEXT NOT NULL,
    comment          TEXT NOT NULL DEFAULT '',
    tlp              TEXT NOT NULL,
    PRIMARY KEY (issue_id, issue_revision, position),
    FOREIGN KEY (issue_id, issue_revision) REFERENCES issues (id, revision),
    FOREIGN KEY (article_id, article_revision) REFERENCES revisions (article_id, n)
) STRICT;

CREATE TABLE issue_files (
    issue_id       TEXT NOT NULL,
    issue_revision INTEGER NOT NULL,
    language       TEXT NOT NULL,
    form           TEXT NOT NULL,             -- html, txt, pdf
    sha256         TEXT NOT NULL,
    content        BLOB NOT NULL,
    PRIMARY KEY (issue_id, issue_revision, language, form),
    FOREIGN KEY (issue_id, issue_revision) REFERENCES issues (id, revision)
) STRICT;

-- Full text over the current revision of each article, accents folded, in all four languages.
CREATE VIEW current_texts AS
SELECT a.id AS id, r.title AS title, r.summary AS summary, r.text AS text
FROM articles a JOIN revisions r ON r.article_id = a.id AND r.n = a.revision;

CREATE VIRTUAL TABLE articles_fts USING fts5 (
    title, summary, text,
    content = 'current_texts', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER revisions_inserted AFTER INSERT ON revisions BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, summary, text)
    SELECT 'delete', old.article_id, old.title, old.summary, old.text
    FROM revisions old WHERE old.article_id = new.article_id AND old.n = new.n - 1;
    INSERT INTO articles_fts (rowid, title, summary, text)
    VALUES (new.article_id, new.title, new.summary, new.text);
END;

CREATE TRIGGER revisions_updated AFTER UPDATE OF title, summary, text ON revisions
WHEN new.n = (SELECT revision FROM articles WHERE id = new.article_id) BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, summary, text)
    VALUES ('delete', old.article_id, old.title, old.summary, old.text);
    INSERT INTO articles_fts (rowid, title, summary, text)
    VALUES (new.article_id, new.title, new.summary, new.text);
END;

-- Views for researchers: plain names, one row for what a person would call one thing.

CREATE VIEW news AS -- one row an article, as it stands now
SELECT
    a.public_id AS article, a.published AS published, s.title AS source, a.source_id AS source_id,
    g.language AS language, r.title AS title, r.summary AS summary, a.url AS url,
    s.reliability AS source_reliability, st.public_id AS story, dg.public_id AS duplicate_group,
    (SELECT count(*) FROM sightings x WHERE x.article_id = a.id) AS sources_that_carry_it,
    a.revision AS revision
FROM articles a
JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
JOIN sources s ON s.id = a.source_id
LEFT JOIN readings g ON g.article_id = a.id
LEFT JOIN story_members sm ON sm.article_id = a.id
LEFT JOIN stories st ON st.id = sm.story_id
LEFT JOIN duplicate_members dm ON dm.article_id = a.id
LEFT JOIN duplicate_groups dg ON dg.id = dm.group_id;

CREATE VIEW advisory_list AS -- one row a CVE of an advisory as it stands now; one where it has none
SELECT
    d.reference AS reference, d.issuer_revision AS issuer_revision, d.issuer AS issuer,
    c.value AS cve, d.severity AS severity, d.vendors AS vendors, d.products AS products,
    d.risks AS risks, d.tlp AS tlp, r.title AS title, a.published AS published, a.url AS url,
    a.public_id AS article, a.revision AS revision
FROM articles a
JOIN advisories d ON d.article_id = a.id AND d.n = a.revision
JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
LEFT JOIN json_each(d.cves) c;

CREATE VIEW named_in AS -- one row a name in an article
SELECT
    e.id AS entity, e.name AS name, e.label AS label, e.wikidata AS wikidata, e.nuts AS nuts,
    a.public_id AS article, a.published AS published, count(*) AS times
FROM mentions m
JOIN entities e ON e.id = m.entity_id
JOIN articles a ON a.id = m.article_id
GROUP BY m.entity_id, m.article_id;

CREATE VIEW about AS -- one row a theme of an article, with its reason
SELECT
    t.id AS theme, t.taxonomy AS taxonomy, t.label_fr AS label, x.score AS score, x.why AS why,
    a.public_id AS article, a.published AS published
FROM article_themes x
JOIN themes t ON t.id = x.theme_id
JOIN articles a ON a.id = x.article_id;

CREATE VIEW story_overview AS -- one row a story
SELECT
    st.public_id AS story, count(*) AS articles, count(DISTINCT a.source_id) AS sources,
    count(DISTINCT dm.group_id) AS distinct_texts,
    min(a.published) AS first_published, max(a.published) AS last_published,
    group_concat(DISTINCT g.language) AS languages,
    (SELECT r.title FROM revisions r JOIN articles f ON f.id = r.article_id AND r.n = f.revision
     WHERE f.id = st.founder_id) AS title
FROM stories st
JOIN story_members sm ON sm.story_id = st.id
JOIN articles a ON a.id = sm.article_id
LEFT JOIN duplicate_members dm ON dm.article_id = a.id
LEFT JOIN readings g ON g.article_id = a.id
GROUP BY st.id;

CREATE VIEW source_health AS -- one row a source
SELECT
    s.id AS source, s.title AS title, s.active AS active,
    CASE WHEN s.active = 0 OR p.retired_at IS NOT NULL THEN 'retired' WHEN p.last_polled IS NULL THEN 'never polled'
         WHEN p.failure_kind = '' THEN 'well' ELSE 'ill' END AS state,
    p.failure_kind AS failure, p.failure_detail AS failure_detail, p.ill_since AS ill_since,
    p.last_ok AS last_ok, p.next_due AS next_due,
    (SELECT count(*) FROM articles a WHERE a.source_id = s.id) AS articles,
    (SELECT max(a.published) FROM articles a WHERE a.source_id = s.id) AS last_article
FROM sources s LEFT JOIN polls p ON p.source_id = s.id;

CREATE VIEW bulletin AS -- one row an item of a published issue
SELECT
    i.issue_id AS issue, i.issue_revision AS revision, i.position AS position,
    i.section AS section, i.title AS title, i.source AS source, i.published AS published,
    i.place AS place, i.url AS url, a.public_id AS article, i.story AS story, i.why AS why
FROM issue_items i JOIN articles a ON a.id = i.article_id;
