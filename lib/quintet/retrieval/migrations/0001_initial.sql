-- Documents that can be searched, cut into passages, and the words and vectors by which they are
-- found. All of it can be made again from the files.
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    path VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,        -- SHA-256 of the file as it was taken in
    source VARCHAR NOT NULL,        -- the file or folder that its owner named
    size_bytes BIGINT NOT NULL,
    modified_ns BIGINT NOT NULL,
    indexed_ns BIGINT NOT NULL,
    method VARCHAR NOT NULL,        -- how it was read and cut
    embedder VARCHAR NOT NULL,      -- what made its vectors
    loader VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    at_s DOUBLE NOT NULL,           -- when it was written
    passages INTEGER NOT NULL,
    skipped VARCHAR NOT NULL        -- why it could not be taken in; empty: it was
);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    start_at INTEGER NOT NULL,      -- in characters of the document's text
    end_at INTEGER NOT NULL,
    place VARCHAR NOT NULL,
    head VARCHAR NOT NULL,
    content VARCHAR NOT NULL
);
CREATE TABLE postings (
    segment INTEGER NOT NULL, term VARCHAR NOT NULL,
    numbers BLOB NOT NULL, body BLOB NOT NULL, head BLOB NOT NULL
);
CREATE TABLE segments (
    number INTEGER PRIMARY KEY, embedder VARCHAR NOT NULL, passages INTEGER NOT NULL,
    numbers BLOB NOT NULL, documents BLOB NOT NULL, lengths BLOB NOT NULL, vectors BLOB NOT NULL
);
CREATE TABLE index_state (
    revision BIGINT NOT NULL, document INTEGER NOT NULL, passage INTEGER NOT NULL,
    segment INTEGER NOT NULL, has_rests BOOLEAN NOT NULL
);
INSERT INTO index_state VALUES (1, 1, 1, 1, FALSE);

CREATE VIEW indexed AS
    SELECT path, title, loader, passages, skipped, source, size_bytes, digest
    FROM documents
    ORDER BY path;
COMMENT ON VIEW indexed IS 'The documents that can be searched, and those that were left out.';
