-- Runs of suites and every try in them. What was answered is not kept, only what did not hold.
CREATE TABLE runs (
    id VARCHAR PRIMARY KEY,         -- the action that began it
    suite VARCHAR NOT NULL,
    suite_digest VARCHAR NOT NULL,  -- SHA-256 of the file of cases
    file VARCHAR NOT NULL,
    began_at VARCHAR NOT NULL,      -- when it began, in UTC
    seed BIGINT NOT NULL,
    repeats INTEGER NOT NULL,
    cases INTEGER NOT NULL
);

CREATE TABLE attempts (
    id VARCHAR PRIMARY KEY,         -- run, case and number of the try
    run VARCHAR NOT NULL,
    case_id VARCHAR NOT NULL,
    repeat INTEGER NOT NULL,
    passed BOOLEAN NOT NULL,
    problems VARCHAR NOT NULL,      -- a JSON list, one text for each assertion that did not hold
    status INTEGER NOT NULL,
    money_micros BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    latency_s DOUBLE NOT NULL,
    steady BOOLEAN NOT NULL         -- its subject does the same every time
);

CREATE VIEW entries AS
    SELECT r.began_at, r.suite, r.id AS run, a.case_id, count(*) AS tried,
           count(*) FILTER (a.passed) AS passed, sum(a.money_micros) / 1e6 AS usd,
           sum(a.tokens) AS tokens, avg(a.latency_s) AS mean_latency_s
    FROM runs r JOIN attempts a ON a.run = r.id
    GROUP BY ALL
    ORDER BY r.began_at, a.case_id;
COMMENT ON VIEW entries IS 'Each case of each run: how often it was tried and how often it passed.';
