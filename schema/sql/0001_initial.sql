-- The records. The same text runs on SQLite and PostgreSQL: plain types, no engine's own words.
-- Times are Unix seconds. Truth values are 0 and 1. Numbers of records come from `counter`, so that none is ever used twice.

CREATE TABLE counter (
	name TEXT NOT NULL PRIMARY KEY,
	value INTEGER NOT NULL
);
INSERT INTO counter (name, value) VALUES ('certificate', 0);
INSERT INTO counter (name, value) VALUES ('gateway', 0);
INSERT INTO counter (name, value) VALUES ('job', 0);
INSERT INTO counter (name, value) VALUES ('probe', 0);

CREATE TABLE setting (
	name TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

-- kind: enum cert_kind (0 root, 1 intermediate, 2 end entity). tree_path: the numbers of the chain from the root down, eight
-- hexadecimal digits each, so that its order is the order of the tree. used: on how many gateways it is proven in use.
-- sealed_key: encrypted under a key that the store never sees.
CREATE TABLE certificate (
	id INTEGER NOT NULL PRIMARY KEY,
	kind INTEGER NOT NULL CHECK (kind >= 0 AND kind <= 2),
	display_name TEXT NOT NULL,
	subject TEXT NOT NULL,
	holder TEXT,
	organization TEXT,
	locality TEXT,
	country TEXT,
	names TEXT NOT NULL,
	serial TEXT NOT NULL,
	not_before BIGINT NOT NULL,
	not_after BIGINT NOT NULL,
	key_spec TEXT NOT NULL,
	issuer_id INTEGER REFERENCES certificate (id),
	root_id INTEGER REFERENCES certificate (id),
	predecessor_id INTEGER,
	revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked = 0 OR revoked = 1),
	used INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
	tree_path TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	fingerprint BYTEA NOT NULL,
	spki_sha256 BYTEA NOT NULL,
	subject_der BYTEA NOT NULL,
	der BYTEA NOT NULL,
	sealed_key BYTEA
);
CREATE UNIQUE INDEX certificate_fingerprint ON certificate (fingerprint);
CREATE UNIQUE INDEX certificate_tree ON certificate (tree_path);
CREATE INDEX certificate_kind ON certificate (kind, id);
CREATE INDEX certificate_root ON certificate (root_id, kind, id);
CREATE INDEX certificate_issuer ON certificate (issuer_id, id);
CREATE INDEX certificate_expiry ON certificate (not_after, id);
CREATE INDEX certificate_subject ON certificate (subject_der);
CREATE INDEX certificate_predecessor ON certificate (predecessor_id, id) WHERE predecessor_id IS NOT NULL;
CREATE INDEX certificate_used ON certificate (id) WHERE used > 0;

-- What a search finds a certificate by, in lower case: its host names, its display name and the words of it, its
-- fingerprint in hexadecimal.
CREATE TABLE certificate_word (
	word TEXT NOT NULL,
	certificate_id INTEGER NOT NULL REFERENCES certificate (id),
	PRIMARY KEY (word, certificate_id)
);
CREATE INDEX certificate_word_of ON certificate_word (certificate_id);

-- params, tls and server_names are JSON texts that the manager writes and reads as a whole.
CREATE TABLE gateway (
	id INTEGER NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	target TEXT NOT NULL,
	params TEXT NOT NULL,
	tls TEXT NOT NULL,
	server_names TEXT NOT NULL,
	ssh_host TEXT NOT NULL,
	ssh_port INTEGER NOT NULL,
	ssh_user TEXT NOT NULL,
	host_key TEXT,
	created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX gateway_name ON gateway (name);

-- Proven in use: what a probe of every address of the gateway, or the gateway itself, has shown. Never a guess.
CREATE TABLE certificate_use (
	gateway_id INTEGER NOT NULL REFERENCES gateway (id),
	certificate_id INTEGER NOT NULL REFERENCES certificate (id),
	proven_at BIGINT NOT NULL,
	proven_by TEXT NOT NULL,
	PRIMARY KEY (gateway_id, certificate_id)
);
CREATE INDEX certificate_use_of ON certificate_use (certificate_id, gateway_id);

-- A job outlives its gateway: then gateway_id is absent and gateway_name remains.
-- moved_at: when the state was stored. done = 0 while a process works on it or a recovery is owed. event_n numbers the changes of a job and of its steps together.
CREATE TABLE job (
	id INTEGER NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL,
	gateway_id INTEGER REFERENCES gateway (id),
	gateway_name TEXT NOT NULL,
	certificate_id INTEGER REFERENCES certificate (id),
	previous_id INTEGER REFERENCES certificate (id),
	state TEXT NOT NULL,
	done INTEGER NOT NULL DEFAULT 0 CHECK (done = 0 OR done = 1),
	outcome TEXT,
	detail TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	moved_at BIGINT NOT NULL,
	finished_at BIGINT,
	served_fingerprint BYTEA,
	deadline BIGINT,
	generation TEXT,
	old_generation TEXT,
	confirm_within INTEGER NOT NULL DEFAULT 0,
	findings TEXT NOT NULL,
	event_n INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX job_gateway ON job (gateway_id, id);
CREATE INDEX job_state ON job (state, id);
CREATE INDEX job_gateway_state ON job (gateway_id, state, id);
CREATE INDEX job_certificate ON job (certificate_id, id);
CREATE INDEX job_previous ON job (previous_id, id);
CREATE INDEX job_open ON job (id) WHERE done = 0;
CREATE UNIQUE INDEX job_one_at_a_time ON job (gateway_id) WHERE done = 0;

CREATE TABLE job_step (
	job_id INTEGER NOT NULL REFERENCES job (id),
	n INTEGER NOT NULL,
	state TEXT NOT NULL,
	text TEXT NOT NULL,
	outcome TEXT NOT NULL,
	detail TEXT,
	host_output TEXT,
	started_at BIGINT NOT NULL,
	ended_at BIGINT,
	time_ms BIGINT,
	event_n INTEGER NOT NULL,
	PRIMARY KEY (job_id, n)
);
CREATE INDEX job_step_event ON job_step (job_id, event_n);

CREATE TABLE proof (
	job_id INTEGER NOT NULL PRIMARY KEY REFERENCES job (id),
	created_at BIGINT NOT NULL,
	jws TEXT NOT NULL
);

-- job_id is absent for a probe that a person asked for. phase: 'before', 'after' or 'asked'. body: docs/api.md "probe", a JSON list.
CREATE TABLE probe (
	id INTEGER NOT NULL PRIMARY KEY,
	gateway_id INTEGER REFERENCES gateway (id),
	job_id INTEGER REFERENCES job (id),
	phase TEXT NOT NULL,
	probed_at BIGINT NOT NULL,
	body TEXT NOT NULL
);
CREATE INDEX probe_gateway ON probe (gateway_id, id);
CREATE INDEX probe_job ON probe (job_id, id) WHERE job_id IS NOT NULL;
