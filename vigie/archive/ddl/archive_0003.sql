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
