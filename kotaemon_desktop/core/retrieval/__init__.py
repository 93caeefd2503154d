"""Finds the passages for a question: keyword and vector search, fused."""
