"""Turns files into pages and passages. Everything here runs in a reader host, never in the window process."""
