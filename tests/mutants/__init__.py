"""Every security rule is taken out once, and something has to notice: `python -m tests.mutants`."""
