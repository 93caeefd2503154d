"""Tools: what a question looks up elsewhere. Declared in the settings, called in a host of their own."""
