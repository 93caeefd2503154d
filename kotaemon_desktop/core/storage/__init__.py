"""What is on disk: the SQLite library (the truth) and the vector index derived from it."""
