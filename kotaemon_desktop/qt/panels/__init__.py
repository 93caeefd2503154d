"""One widget per panel of the window; a panel knows its view-model and nothing else."""
