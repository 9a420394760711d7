-- Events that arrived, each once, with the recorded action that took it in.
CREATE TABLE events (
    id VARCHAR PRIMARY KEY,
    type VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    action VARCHAR NOT NULL
);

-- One row for each event that a workflow has dealt with; undoing the run takes it away again.
CREATE TABLE receipts (
    id VARCHAR PRIMARY KEY,
    workflow VARCHAR NOT NULL,
    workflow_digest VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    event_digest VARCHAR NOT NULL
);

CREATE VIEW arrivals AS
    SELECT id AS event, type, action FROM events ORDER BY id;
COMMENT ON VIEW arrivals IS 'Events that arrived, each with the action that took it in.';

CREATE VIEW runs AS
    SELECT workflow, event, workflow_digest FROM receipts ORDER BY workflow, event;
COMMENT ON VIEW runs IS 'Which workflow has dealt with which event.';
