-- Spans of all runs. The spool is where they come from; what is older than the settings allow goes.
CREATE TABLE span_rows (
    id VARCHAR PRIMARY KEY,         -- trace and span
    trace_id VARCHAR NOT NULL,
    span_id VARCHAR NOT NULL,
    parent_id VARCHAR NOT NULL,     -- empty for the first span of a run
    run VARCHAR NOT NULL,           -- the trace's id as a person types it
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,          -- command, model, tool, subprocess, retrieval, http, store, step
    began_at TIMESTAMPTZ NOT NULL,
    began_ns BIGINT NOT NULL,       -- nanoseconds since 1970
    ended_ns BIGINT NOT NULL,       -- 0: it had not ended when it was last heard of
    error VARCHAR NOT NULL,         -- the kind of failure; empty when it worked
    actions VARCHAR[] NOT NULL,     -- recorded actions that were begun in it
    attributes JSON NOT NULL,
    size_bytes BIGINT NOT NULL,
    sent_at TIMESTAMPTZ             -- when a collector took it
);

CREATE VIEW spans AS
    SELECT run, name, kind, began_at,
        CASE WHEN ended_ns > 0 THEN (ended_ns - began_ns) / 1e6 END AS duration_ms,
        error, actions, attributes, span_id, parent_id, trace_id, sent_at
    FROM span_rows ORDER BY began_ns, span_id;
COMMENT ON VIEW spans IS 'every span of every run: commands, model calls, tools, subprocesses, requests';

CREATE VIEW runs AS
    SELECT run,
        coalesce(arg_min(name, began_ns) FILTER (WHERE kind = 'command'), arg_min(name, began_ns))
            AS name,
        min(began_at) AS began_at,
        (greatest(max(ended_ns), max(began_ns)) - min(began_ns)) / 1e6 AS duration_ms,
        count(*) AS spans,
        count(*) FILTER (WHERE kind = 'model') AS model_calls,
        coalesce(sum((attributes ->> '$."gen_ai.usage.input_tokens"')::BIGINT), 0)
            + coalesce(sum((attributes ->> '$."gen_ai.usage.output_tokens"')::BIGINT), 0) AS tokens,
        sum((attributes ->> '$."ai.cost.usd"')::DOUBLE) AS cost_usd,
        count(*) FILTER (WHERE ended_ns = 0) AS unfinished,
        count(*) FILTER (WHERE error <> '') AS failed,
        coalesce(arg_min(error, began_ns) FILTER (WHERE kind = 'command'), '') AS error,
        arg_min((attributes ->> '$."process.exit.code"')::INTEGER, began_ns)
            FILTER (WHERE kind = 'command') AS exit_code,
        trace_id
    FROM span_rows GROUP BY run, trace_id ORDER BY min(began_ns);
COMMENT ON VIEW runs IS 'each run: what it was, how long it took, what it used and how it ended';

CREATE VIEW model_calls AS
    SELECT run, began_at,
        attributes ->> '$."gen_ai.request.model"' AS model,
        attributes ->> '$."gen_ai.provider.name"' AS provider,
        (attributes ->> '$."gen_ai.usage.input_tokens"')::BIGINT AS input_tokens,
        (attributes ->> '$."gen_ai.usage.output_tokens"')::BIGINT AS output_tokens,
        (attributes ->> '$."ai.cost.usd"')::DOUBLE AS cost_usd,
        CASE WHEN ended_ns > 0 THEN (ended_ns - began_ns) / 1e6 END AS duration_ms,
        error
    FROM span_rows WHERE kind = 'model' ORDER BY began_ns;
COMMENT ON VIEW model_calls IS 'calls of models: tokens, money and time';
