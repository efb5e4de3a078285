"""Tends the running proxy: health, metrics, logs, reload, drain, workers.

`service` is the life of a process that serves; `supervisor` and `worker` are that life divided among several."""
