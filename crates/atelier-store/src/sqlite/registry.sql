CREATE TABLE projects(
  id BLOB PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL, trashed_at INTEGER, damaged TEXT,
  last_seq INTEGER NOT NULL, updated_at INTEGER NOT NULL, folder TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX projects_by_name ON projects(key) WHERE trashed_at IS NULL AND damaged IS NULL;
