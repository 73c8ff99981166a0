-- Jobs by how they ended are counted from an index.
CREATE INDEX job_outcome ON job (kind, outcome);
