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
