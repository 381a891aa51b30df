-- Which models the archive speaks for, and the readings of the next one until they are complete.

-- One row for a role: the model whose results the views show. A new one takes its place at once,
-- when it has read everything.
CREATE TABLE models_in_force (
    role     TEXT PRIMARY KEY CHECK (role IN ('reading', 'vectors')),
    model_id INTEGER NOT NULL REFERENCES models (id),
    since    TEXT NOT NULL,
    next_id  INTEGER REFERENCES models (id) -- the one at work to take its place; NULL: none
) STRICT;

INSERT INTO models_in_force (role, model_id, since)
SELECT role, max(id), max(added_at) FROM models WHERE role IN ('reading', 'vectors') GROUP BY role;

-- What a new model has read so far of articles that an older one has read. It is put in the place of
-- the older readings, all at once, when nothing is left to read; until then those are shown.
CREATE TABLE rereadings (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id),
    model_id   INTEGER NOT NULL REFERENCES models (id),
    revision   INTEGER NOT NULL,          -- of the article
    text_from  TEXT NOT NULL,
    result     TEXT NOT NULL              -- the whole reading as JSON
) STRICT;

-- The vectors of the model in force, by the names that a person cites.
CREATE VIEW current_vectors AS -- one row an article: float16, little-endian, unit length
SELECT
    a.public_id AS article, m.name AS model, m.revision AS model_revision, v.vector AS vector
FROM models_in_force f
JOIN models m ON m.id = f.model_id
JOIN vectors v ON v.model_id = f.model_id
JOIN articles a ON a.id = v.article_id AND a.revision = v.revision
WHERE f.role = 'vectors';
