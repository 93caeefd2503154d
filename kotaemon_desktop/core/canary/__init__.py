"""Tries a candidate, another model or pipeline, on a share of the conversations beside the proven way of answering."""
