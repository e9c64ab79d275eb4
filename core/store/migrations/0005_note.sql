-- A note is short, lists show it and filters look for it, so it stands with the narrow rows. The column of the wide ones stays, empty:
-- to drop it would write all bodies anew.

ALTER TABLE capture ADD COLUMN note TEXT NOT NULL DEFAULT '';
UPDATE capture SET note = (SELECT b.note FROM capture_body b WHERE b.id = capture.id)
  WHERE id IN (SELECT id FROM capture_body WHERE note > '');
UPDATE capture_body SET note = '' WHERE note > '';
