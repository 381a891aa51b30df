-- References, boilerplate names, territories, and themes from three signals.

-- What articles refer to: vulnerabilities, acts, patents, tenders, amounts, dates.
CREATE TABLE text_references (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    kind       TEXT NOT NULL,                 -- cve, cwe, advisory, eu-act, law, doi, patent, ...
    value      TEXT NOT NULL,                 -- canonical: the same for every way of writing it
    label      TEXT NOT NULL,                 -- as a person would write it
    number     REAL,                          -- of an amount, in units of its currency
    field      TEXT NOT NULL CHECK (field IN ('title', 'summary', 'text')),
    start      INTEGER NOT NULL,              -- characters into the field
    "end"      INTEGER NOT NULL,
    surface    TEXT NOT NULL,
    why        TEXT NOT NULL,
    PRIMARY KEY (article_id, field, start, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX text_references_value ON text_references (value COLLATE NOCASE, article_id);
CREATE INDEX text_references_kind ON text_references (kind, number);

CREATE VIEW refers_to AS -- one row a reference in an article
SELECT
    x.kind AS kind, x.value AS value, min(x.label) AS label, x.number AS number,
    a.public_id AS article, a.published AS published, count(*) AS times
FROM text_references x
JOIN articles a ON a.id = x.article_id
GROUP BY x.article_id, x.kind, x.value;

CREATE VIEW reference_facets AS -- one row a reference, with how many articles have it
SELECT
    x.kind AS kind, x.value AS value, min(x.label) AS label, x.number AS number,
    count(DISTINCT x.article_id) AS articles,
    min(a.published) AS first_published, max(a.published) AS last_published
FROM text_references x
JOIN articles a ON a.id = x.article_id
GROUP BY x.kind, x.value;

-- What speaks for a theme, each signal by itself; article_themes holds what they say together.
CREATE TABLE theme_signals (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    theme_id   TEXT NOT NULL REFERENCES themes (id),
    signal     TEXT NOT NULL CHECK (signal IN ('rules', 'likeness', 'learnt', 'not')),
    score      REAL NOT NULL,                 -- 0 to 1; 0 for not
    why        TEXT NOT NULL,
    PRIMARY KEY (article_id, theme_id, signal)
) STRICT, WITHOUT ROWID;

-- That an article's likeness and learnt signals were told, by which revision of them.
CREATE TABLE themings (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id),
    revision   TEXT NOT NULL,
    at         TEXT NOT NULL
) STRICT;

-- What people say of an article and a theme: appended, never changed. The last one counts.
CREATE TABLE theme_decisions (
    id         INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    theme_id   TEXT NOT NULL REFERENCES themes (id),
    verdict    TEXT NOT NULL CHECK (verdict IN ('is', 'is not')),
    who        TEXT NOT NULL CHECK (who NOT LIKE '%@%'), -- a handle, never an address
    at         TEXT NOT NULL,
    why        TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX theme_decisions_article ON theme_decisions (article_id, theme_id, id);
CREATE INDEX theme_decisions_theme ON theme_decisions (theme_id, id);

-- Models learnt from decisions. The last one of a theme, for the vectors in force, counts.
CREATE TABLE theme_models (
    id           INTEGER PRIMARY KEY,
    theme_id     TEXT NOT NULL REFERENCES themes (id),
    revision     INTEGER NOT NULL,            -- 1 is the theme's first
    vectors_id   INTEGER NOT NULL REFERENCES models (id),
    trained_at   TEXT NOT NULL,
    decisions    INTEGER NOT NULL,            -- learnt from
    of_theme     INTEGER NOT NULL,            -- of these, how many said that it is of the theme
    "precision"  REAL,                        -- on the last decisions; NULL where it proposed none
    recall       REAL,
    on_last      INTEGER NOT NULL,            -- how many these were
    state        BLOB NOT NULL,
    UNIQUE (theme_id, revision)
) STRICT;

-- Names that are no matter of the text: kept, with the reason, and counted nowhere.
ALTER TABLE mentions ADD COLUMN boilerplate TEXT NOT NULL DEFAULT '';

-- Territories by NUTS code (2021), from the shipped table.
CREATE TABLE territories (
    code    TEXT PRIMARY KEY,                 -- FR, FRD, FRD2, FRD22
    level   INTEGER NOT NULL CHECK (level BETWEEN 0 AND 3),
    name    TEXT NOT NULL,                    -- in a language of the territory
    country TEXT NOT NULL,
    parent  TEXT NOT NULL DEFAULT '',         -- the territory around it; '' for a country
    lat     REAL NOT NULL,                    -- near its middle
    lon     REAL NOT NULL
) STRICT;

DROP VIEW named_in;
CREATE VIEW named_in AS -- one row a name in an article, boilerplate left out
SELECT
    e.id AS entity, e.name AS name, e.label AS label, e.wikidata AS wikidata, e.nuts AS nuts,
    e.lat AS lat, e.lon AS lon,
    a.public_id AS article, a.published AS published, count(*) AS times
FROM mentions m
JOIN entities e ON e.id = m.entity_id
JOIN articles a ON a.id = m.article_id
WHERE m.boilerplate = ''
GROUP BY m.entity_id, m.article_id;

CREATE VIEW located_in AS -- one row a territory, of any level, that an article names a place of
SELECT
    t.code AS territory, t.level AS level, t.name AS name, a.public_id AS article,
    a.published AS published, group_concat(DISTINCT e.name) AS places, count(*) AS times
FROM mentions m
JOIN entities e ON e.id = m.entity_id AND e.nuts <> ''
JOIN territories t ON t.code = substr(e.nuts, 1, length(t.code))
JOIN articles a ON a.id = m.article_id
WHERE m.boilerplate = ''
GROUP BY t.code, m.article_id;

CREATE VIEW territory_facets AS -- one row a territory: how many articles name a place of it
SELECT
    t.code AS territory, t.level AS level, t.name AS name, t.parent AS parent,
    count(DISTINCT m.article_id) AS articles, t.lat AS lat, t.lon AS lon
FROM territories t
JOIN entities e ON e.nuts <> '' AND t.code = substr(e.nuts, 1, length(t.code))
JOIN mentions m ON m.entity_id = e.id AND m.boilerplate = ''
GROUP BY t.code;

-- What rules said before this step.
INSERT INTO theme_signals (article_id, theme_id, signal, score, why)
SELECT article_id, theme_id, 'rules', score, why FROM article_themes;
