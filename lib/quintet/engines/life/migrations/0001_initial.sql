-- What is known of a life, one row for each thing as its source tells it. A repeating event is one
-- row with its rule; a changed occurrence of it is a row of its own that names the occurrence.
CREATE TABLE items (
    id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,          -- event, task or note
    title VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    starts VARCHAR NOT NULL,        -- as on the wall clock of `zone`: 2026-12-01T09:00:00, or a day
    ends VARCHAR NOT NULL,
    zone VARCHAR NOT NULL,          -- empty: wherever its owner is
    starts_at TIMESTAMPTZ,          -- the same instant for queries; of a series, the first
    ends_at TIMESTAMPTZ,
    rule VARCHAR NOT NULL,          -- how it repeats, as JSON; empty: it does not
    uid VARCHAR NOT NULL,
    occurrence VARCHAR NOT NULL,    -- which occurrence of the series `uid` this row replaces
    status VARCHAR NOT NULL,        -- open, done, cancelled or free (takes no time)
    sequence INTEGER NOT NULL,
    source VARCHAR NOT NULL,        -- a file, or `typed`
    source_index INTEGER NOT NULL,  -- which component of the file
    source_digest VARCHAR NOT NULL,
    digest VARCHAR NOT NULL         -- of what the source says, to see changes
);

CREATE VIEW entries AS
    SELECT kind, title, place, starts, ends, zone, status, rule <> '' AS repeats,
           source, source_index AS source_part
    FROM items
    ORDER BY starts;
COMMENT ON VIEW entries IS 'What is known: events, tasks and notes, each with its source.';
