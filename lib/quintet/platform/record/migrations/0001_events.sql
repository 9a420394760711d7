-- The record as tables: a copy for questions in SQL. The journal is the truth, and can build it anew.
-- Of groups that seal their data, only the clear envelope is here: no words, effects or evidence.
CREATE TABLE event_rows (
    id VARCHAR PRIMARY KEY,
    seq BIGINT NOT NULL,            -- its first entry in the journal: the order of all actions
    began_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    group_name VARCHAR NOT NULL,
    verb VARCHAR NOT NULL,
    summary VARCHAR NOT NULL,
    actor VARCHAR NOT NULL,         -- user, event, model:…
    run VARCHAR NOT NULL,           -- the process; all its actions have the same
    folder VARCHAR NOT NULL,        -- the working directory
    cause VARCHAR NOT NULL,         -- the action that brought this one about
    undoes VARCHAR NOT NULL,        -- the action that this one took back
    undone_by VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,       -- open, done, failed or undone
    reasons VARCHAR[] NOT NULL,
    policy VARCHAR NOT NULL,        -- the rule or approval that allowed it
    labels VARCHAR[] NOT NULL,      -- mine, private, untrusted
    money_micros BIGINT NOT NULL,   -- millionths of a US dollar
    tokens BIGINT NOT NULL,
    duration_s DOUBLE NOT NULL,
    error VARCHAR NOT NULL,
    expired BOOLEAN NOT NULL,       -- too old to be undone
    sealed BOOLEAN NOT NULL
);

CREATE TABLE effect_rows (
    event VARCHAR NOT NULL,
    number INTEGER NOT NULL,        -- in the order of the action
    kind VARCHAR NOT NULL,          -- file, move, row, or an engine's own
    target VARCHAR NOT NULL,
    before JSON,
    after JSON,
    reversal VARCHAR NOT NULL,      -- reversible, compensable or irreversible
    note VARCHAR NOT NULL,
    PRIMARY KEY (event, number)
);

CREATE TABLE evidence_rows (
    event VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    kind VARCHAR NOT NULL,          -- file, row, frame, line, span, event, url or value
    ref VARCHAR NOT NULL,
    place VARCHAR NOT NULL,         -- where in it
    digest VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (event, number)
);

-- How far the journal was read into these tables: one row.
CREATE TABLE folded (id INTEGER PRIMARY KEY, seq BIGINT NOT NULL, digest VARCHAR NOT NULL);

CREATE VIEW events AS SELECT * FROM event_rows ORDER BY seq;
COMMENT ON VIEW events IS 'every action of any group: what, when, by whom, why, how it ended, its cost';

CREATE VIEW effects AS
    SELECT e.began_at, e.group_name, e.verb, e.outcome, f.*
    FROM effect_rows f JOIN event_rows e ON e.id = f.event ORDER BY e.seq, f.number;
COMMENT ON VIEW effects IS 'what each action changed: files, rows and whatever else engines change';

CREATE VIEW evidence AS
    SELECT e.began_at, e.group_name, e.verb, v.*
    FROM evidence_rows v JOIN event_rows e ON e.id = v.event ORDER BY e.seq, v.number;
COMMENT ON VIEW evidence IS 'what each action relied on';

CREATE VIEW spending AS
    SELECT (began_at AT TIME ZONE 'UTC')::DATE AS day, group_name, count(*) AS actions,
        sum(money_micros) / 1000000.0 AS money_usd, sum(tokens) AS tokens,
        sum(duration_s) AS duration_s
    FROM event_rows GROUP BY ALL ORDER BY ALL;
COMMENT ON VIEW spending IS 'actions and what they cost, by day in UTC and group';
