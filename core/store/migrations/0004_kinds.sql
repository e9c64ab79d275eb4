-- What one looks for first is counted at each change: captures that went wrong in one way or another. They are few, so an
-- index of them alone costs the others nothing. A condition here stands word for word in query.go.

CREATE INDEX capture_bad ON capture (id) WHERE verdict IN ('mismatch','missing','malformed','stale');
CREATE INDEX capture_error ON capture (id) WHERE (status >= 400 OR status = 0);
CREATE INDEX capture_limited ON capture (id) WHERE outcome = 'limited';
CREATE INDEX capture_unmatched ON capture (id) WHERE outcome = 'unmatched';
