-- Calls with an Idempotency-Key, for a day. status 0: the call is under way, or was cut off. digest: of the path and the body without its secrets.
CREATE TABLE idempotency (
	caller TEXT NOT NULL,
	name TEXT NOT NULL,
	digest BYTEA NOT NULL,
	status INTEGER NOT NULL,
	answer TEXT,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (caller, name)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
