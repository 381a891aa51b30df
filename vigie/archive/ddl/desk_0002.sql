-- What the declaration of a source says that is not published with the archive: the account of a
-- mailbox and its senders, and the name of the variable that holds a password. Never the password.
CREATE TABLE source_private (
    source_id TEXT PRIMARY KEY,                -- as in the archive
    said      TEXT NOT NULL                    -- JSON, in the spelling of sources.toml
) STRICT;
