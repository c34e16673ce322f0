"""A server of one's own for a study: participants by link, answers in SQLite or PostgreSQL, export as Mechanical Turk's result CSV."""
