-- Stories that may be repaired: what people merged and split, which ids stand for which, how far a
-- regrouping has come, and who carried what first.

-- What people said of stories: appended, never changed, never undone by a machine. A later act
-- outweighs an earlier one on the articles that both name.
CREATE TABLE story_acts (
    id  INTEGER PRIMARY KEY,
    act TEXT NOT NULL CHECK (act IN ('merge', 'split')),
    who TEXT NOT NULL CHECK (who NOT LIKE '%@%'), -- a handle, never an address
    at  TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE story_act_articles (
    act_id     INTEGER NOT NULL REFERENCES story_acts (id),
    article_id INTEGER NOT NULL REFERENCES articles (id),
    side       INTEGER NOT NULL CHECK (side IN (1, 2)), -- split: 1 went out of the story, 2 stayed
    PRIMARY KEY (act_id, article_id)
) STRICT, WITHOUT ROWID;

-- A story or near-duplicate group that was merged away: whoever cited it finds the one that has it.
CREATE TABLE forwards (
    public_id TEXT NOT NULL PRIMARY KEY,
    to_id     TEXT NOT NULL,                  -- the public id that stands for it now, never a forward
    at        TEXT NOT NULL,
    why       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX forwards_to ON forwards (to_id);

-- A regrouping under way, or done: where it stands, so that a stopped one goes on.
CREATE TABLE regroupings (
    id          INTEGER PRIMARY KEY,
    model_id    INTEGER NOT NULL REFERENCES models (id),
    starts      TEXT NOT NULL,                -- published from then on
    ends        TEXT NOT NULL,                -- not included
    done_until  TEXT NOT NULL,                -- not included; equals ends when done
    started_at  TEXT NOT NULL,
    finished_at TEXT                          -- NULL while under way
) STRICT;

CREATE VIEW copies AS -- one row an article of a near-duplicate group of two or more: who carried it when
SELECT
    g.public_id AS duplicate_group, a.public_id AS article, s.title AS source, a.source_id AS source_id,
    a.published AS published, s.rights AS rights, s.reliability AS source_reliability, r.title AS title,
    row_number() OVER main AS place,          -- 1 is the main article
    CASE
        WHEN row_number() OVER main = 1 THEN ''
        WHEN r.title <> first_value(r.title) OVER main
            AND r.summary || r.text <> first_value(r.summary || r.text) OVER main THEN 'title and text'
        WHEN r.title <> first_value(r.title) OVER main THEN 'title'
        WHEN r.summary || r.text <> first_value(r.summary || r.text) OVER main THEN 'text'
        ELSE 'nothing'
    END AS changed,                           -- against the main article
    length(r.summary) + length(r.text) - first_value(length(r.summary) + length(r.text)) OVER main
        AS longer_by,                         -- characters
    m.why AS why
FROM duplicate_members m
JOIN duplicate_groups g ON g.id = m.group_id
JOIN articles a ON a.id = m.article_id
JOIN revisions r ON r.article_id = a.id AND r.n = a.revision
JOIN sources s ON s.id = a.source_id
WHERE (SELECT count(*) FROM duplicate_members o WHERE o.group_id = m.group_id) > 1
WINDOW main AS (
    PARTITION BY m.group_id
    ORDER BY
        CASE s.rights WHEN 'full' THEN 0 WHEN 'excerpt' THEN 1 ELSE 2 END, s.reliability, a.published,
        length(r.summary) + length(r.text) DESC, a.id
);
