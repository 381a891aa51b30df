-- Issues with items above TLP:CLEAR, whole. The archive, which may be published, has the rest of them.
CREATE TABLE held_issues (
    issue_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    content  TEXT NOT NULL,                    -- the whole issue as JSON, frozen as it was published
    PRIMARY KEY (issue_id, revision)
) STRICT, WITHOUT ROWID;
