"""Measures what the program and its machine use."""
