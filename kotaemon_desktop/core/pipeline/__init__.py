"""The two long jobs, importing and answering, as generators of events."""
