"""Runs the proxy as a process: logs, metrics, admin listener, reload, drain, workers.

Each module imports only modules below it in this map.  `page/` has a map of its own.

launch.py          runs a service as a process, from a policy to an exit code
worker.py          one worker process
service.py         the life of a serving process: bind, serve, reload, drain, close
worker_pool.py     starts and replaces workers, and keeps their policies in step
backend.py         what serves the traffic: this process, or several
refusals.py        the last refusals, for the admin page
lazy_memory.py     what `mode: report` saw, kept from the first record on
observed.py        what `mode: report` saw, for the proposal on the admin page
spans.py           spans of OpenTelemetry, for `server.tracing`;  span_sender.py sends them
reload.py          reads a changed policy and puts it in force
metrics.py         counters and gauges in Prometheus' format
feeds.py           asks the feeds of origins for their lists, for all workers
feed_client.py     one GET of a feed
pieces.py          long work on the event loop, in pieces
recorder.py        turns reports of the data path into counts, access lines and events
process.py         what a serving process sets up first
events.py          the event log on stderr
banner.py          what `run` says first on a terminal
admin.py           the admin API and its protection against web pages
admin_listener.py  the bounded connections of the admin listener
light_aiohttp.py   imports aiohttp without its client's TLS contexts
signals.py         SIGHUP, SIGTERM and SIGINT, from the first line to the last
listeners.py       listening sockets: bound here, or received from systemd
loop.py            the event loop: uvloop if it exists
stream.py          writes lines to stdout and stderr without blocking
channel.py         messages between supervisor and worker
counters.py        counters and gauges as data
view.py            the policy as JSON, for `/config`
access_log.py      the format of access lines
"""
