-- Issues that can be made again: which forms drew them, with which libraries, and what each says.

ALTER TABLE issues ADD COLUMN template TEXT NOT NULL DEFAULT ''; -- version of the forms; '' before there was one
ALTER TABLE issues ADD COLUMN libraries TEXT NOT NULL DEFAULT '{}'; -- JSON: what drew it, with versions

-- The forms themselves, code, templates and catalogues, as a ZIP, once for each version of them.
CREATE TABLE forms (
    template TEXT NOT NULL PRIMARY KEY,       -- the release, and the first 12 digits of the hash
    sha256   TEXT NOT NULL UNIQUE,            -- of the content
    content  BLOB NOT NULL,
    kept_at  TEXT NOT NULL
) STRICT;

ALTER TABLE issue_items ADD COLUMN summary TEXT NOT NULL DEFAULT '[]'; -- JSON: text, article, url, source
ALTER TABLE issue_items ADD COLUMN reliability TEXT NOT NULL DEFAULT ''; -- Admiralty A-F, of the source
ALTER TABLE issue_items ADD COLUMN credibility TEXT NOT NULL DEFAULT ''; -- Admiralty 1-6; '' where nobody judged
ALTER TABLE issue_items ADD COLUMN nuts TEXT NOT NULL DEFAULT '';
ALTER TABLE issue_items ADD COLUMN contributor TEXT NOT NULL DEFAULT ''; -- the structure that sent it in
ALTER TABLE issue_items ADD COLUMN reference TEXT NOT NULL DEFAULT ''; -- an advisory's
ALTER TABLE issue_items ADD COLUMN happens TEXT NOT NULL DEFAULT ''; -- an agenda entry's day
ALTER TABLE issue_items ADD COLUMN sources TEXT NOT NULL DEFAULT '[]'; -- JSON list: who carried the story

DROP VIEW bulletin;
CREATE VIEW bulletin AS -- one row an item of a published issue
SELECT
    i.issue_id AS issue, i.issue_revision AS revision, i.position AS position,
    i.section AS section, i.title AS title, i.source AS source, i.published AS published,
    i.place AS place, i.url AS url, a.public_id AS article, i.story AS story, i.why AS why,
    i.nuts AS nuts, i.comment AS comment, i.reliability AS source_reliability,
    i.credibility AS credibility, i.tlp AS tlp, json_array_length(i.sources) AS sources,
    i.contributor AS contributor, i.reference AS reference, i.happens AS happens
FROM issue_items i JOIN articles a ON a.id = i.article_id;
