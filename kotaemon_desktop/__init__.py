"""Kotaemon Desktop: ask your own documents, on your own laptop."""

__version__ = "0.1.0"
