"""An example of a package with plugins: what an author would write, and nothing more."""
