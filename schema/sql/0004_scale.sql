-- How many certificates each has issued: what a branch of the tree says about itself without counting.
ALTER TABLE certificate ADD COLUMN children INTEGER NOT NULL DEFAULT 0;
UPDATE certificate SET children = (SELECT COUNT(*) FROM certificate c WHERE c.issuer_id = certificate.id) WHERE kind < 2;
CREATE INDEX certificate_children ON certificate (children) WHERE children > 0;

-- A serial number is found by its first digits, as a fingerprint is.
INSERT INTO certificate_word (word, certificate_id) SELECT serial, id FROM certificate WHERE serial <> '' ON CONFLICT DO NOTHING;

-- Every three letters in a row of subject, names and display name: what finds a piece of them. SQLite's own word; its like in PostgreSQL is
-- an index of pg_trgm.
CREATE VIRTUAL TABLE certificate_text USING fts5(text, content='', tokenize='trigram', detail=none);
INSERT INTO certificate_text (rowid, text) SELECT id, subject || ';' || names || ';' || display_name FROM certificate;

-- What the last probe of a gateway saw, so that nobody reads all of it to know. probe_ok is absent before the first one; probe_trouble
-- is absent when all was well, and for probes before this table had it.
ALTER TABLE gateway ADD COLUMN probed_at BIGINT;
ALTER TABLE gateway ADD COLUMN probe_ok INTEGER;
ALTER TABLE gateway ADD COLUMN probe_trouble TEXT;
UPDATE gateway SET probed_at = (SELECT probed_at FROM probe WHERE gateway_id = gateway.id ORDER BY id DESC LIMIT 1),
	probe_ok = (SELECT CASE WHEN body LIKE '%"ok":true%' AND body NOT LIKE '%"ok":false%' THEN 1 ELSE 0 END
		FROM probe WHERE gateway_id = gateway.id ORDER BY id DESC LIMIT 1);
