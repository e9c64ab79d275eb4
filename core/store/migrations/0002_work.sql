-- The list of work counts by state at each change, and a machine asks for the newest items of its source.

DROP INDEX work_open;
CREATE INDEX work_source ON work (source, final, id);
CREATE INDEX work_state ON work (state, final, failed);
