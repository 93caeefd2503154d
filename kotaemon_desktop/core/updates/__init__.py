"""Whether there is a newer version: asked only by a person's wish, believed only when signed, never installed."""
