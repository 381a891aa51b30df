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
