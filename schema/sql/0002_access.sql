-- Who may call, and what was called. Secrets are stored as their hashes alone: SHA-256 of random ones, Argon2id of passwords.

INSERT INTO counter (name, value) VALUES ('account', 0);
INSERT INTO counter (name, value) VALUES ('token', 0);
INSERT INTO counter (name, value) VALUES ('approval', 0);

-- roles: words of core/access/roles.h, separated by ';'. totp_step: the last time step that was accepted; an earlier one never is.
CREATE TABLE account (
	id INTEGER NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	roles TEXT NOT NULL,
	disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled = 0 OR disabled = 1),
	password TEXT NOT NULL,
	must_change INTEGER NOT NULL DEFAULT 0 CHECK (must_change = 0 OR must_change = 1),
	totp_sealed BYTEA,
	totp_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (totp_confirmed = 0 OR totp_confirmed = 1),
	totp_step BIGINT NOT NULL DEFAULT 0,
	created_at BIGINT NOT NULL,
	last_login_at BIGINT
);
CREATE UNIQUE INDEX account_name ON account (name);

CREATE TABLE session (
	hash BYTEA NOT NULL PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES account (id),
	created_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account_id, created_at);
CREATE INDEX session_created ON session (created_at);

CREATE TABLE token (
	id INTEGER NOT NULL PRIMARY KEY,
	hash BYTEA NOT NULL,
	account_id INTEGER NOT NULL REFERENCES account (id),
	name TEXT NOT NULL,
	roles TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	used_at BIGINT
);
CREATE UNIQUE INDEX token_hash ON token (hash);
CREATE INDEX token_account ON token (account_id, id);

CREATE TABLE recovery_code (
	hash BYTEA NOT NULL PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES account (id)
);
CREATE INDEX recovery_code_account ON recovery_code (account_id);

-- A browser in which the account signed in before.
CREATE TABLE trusted_mark (
	hash BYTEA NOT NULL PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES account (id),
	created_at BIGINT NOT NULL
);
CREATE INDEX trusted_mark_account ON trusted_mark (account_id, created_at);

-- Failed tries to sign in. name: 'account:NAME', 'address:ADDRESS' or 'mark:HASH'.
CREATE TABLE throttle (
	name TEXT NOT NULL PRIMARY KEY,
	failures INTEGER NOT NULL,
	last_at BIGINT NOT NULL
);
CREATE INDEX throttle_last ON throttle (last_at);

-- What waits for a second person. digest: SHA-256 of the request. state: 'waiting', 'granted', 'refused' or 'used'.
CREATE TABLE approval (
	id INTEGER NOT NULL PRIMARY KEY,
	action TEXT NOT NULL,
	object TEXT NOT NULL,
	summary TEXT NOT NULL,
	digest BYTEA NOT NULL,
	requested_by TEXT NOT NULL,
	requested_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	state TEXT NOT NULL,
	decided_by TEXT,
	decided_at BIGINT
);

-- text: the canonical JSON of the event, which is what was hashed; the other columns repeat what a search asks for.
CREATE TABLE audit_event (
	n INTEGER NOT NULL PRIMARY KEY,
	at BIGINT NOT NULL,
	actor TEXT NOT NULL,
	action TEXT NOT NULL,
	object TEXT NOT NULL,
	outcome TEXT NOT NULL,
	text TEXT NOT NULL,
	hash BYTEA NOT NULL
);
CREATE INDEX audit_event_at ON audit_event (at, n);
CREATE INDEX audit_event_actor ON audit_event (actor, n);
CREATE INDEX audit_event_action ON audit_event (action, n);
CREATE INDEX audit_event_object ON audit_event (object, n);
CREATE INDEX audit_event_outcome ON audit_event (outcome, n);

CREATE TABLE audit_head (
	n INTEGER NOT NULL PRIMARY KEY,
	text TEXT NOT NULL,
	public_key BYTEA NOT NULL,
	signature BYTEA NOT NULL
);
