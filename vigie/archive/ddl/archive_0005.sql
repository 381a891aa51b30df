-- From when on a wanted page may be asked: later than now where a busy server put it off.
ALTER TABLE articles ADD COLUMN page_due TEXT NOT NULL DEFAULT '';

-- Further keys that lead to an article: its address after a move, its name after its ids changed.
CREATE TABLE article_keys (
    key        TEXT PRIMARY KEY,              -- canonical URL, or urn:vigie:...
    article_id INTEGER NOT NULL REFERENCES articles (id),
    source_id  TEXT NOT NULL REFERENCES sources (id), -- who gave it this key
    at         TEXT NOT NULL,
    why        TEXT NOT NULL                  -- by what it was recognised
) STRICT, WITHOUT ROWID;
CREATE INDEX article_keys_article ON article_keys (article_id);
