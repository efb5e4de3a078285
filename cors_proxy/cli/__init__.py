"""Speaks: one module for each verb, each with `add_arguments(parser)` and `run(args) -> exit code`."""
