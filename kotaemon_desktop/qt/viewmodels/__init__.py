"""What the panels show, as Qt objects: each turns the core's events into signals and models."""
