"""What stored traces tell: where the time of an answer went, how two answers differ, and spans for other programs."""
