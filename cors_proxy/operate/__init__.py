"""Tends the running proxy: health, metrics, logs, reload, drain, workers.

Each module imports only modules below it in this map:

launch.py          from a policy to an exit code
worker.py          one worker process
service.py         the life of a serving process
backend.py         those who carry the traffic
worker_pool.py     several workers on one inherited listening socket
reload.py          a new policy in place of the old
recorder.py        what the data path reports becomes counts and log lines here (implements `proxy.r
process.py         what every process of ours does before it serves
events.py          everything that is not the access log
metrics.py         the numbers in Prometheus' text format
admin.py           the admin listener
light_aiohttp.py   imported before aiohttp
signals.py         SIGHUP, SIGTERM and SIGINT, from a process's first lines to its last
listeners.py       sockets to listen on
token_bucket.py    how many lines of one kind a flood may write
stream.py          lines for stdout and stderr that never wait
channel.py         the supervisor's wire to one worker
counters.py        what has been counted, as plain data
admin_listener.py  the admin listener's connections
view.py            the effective policy as JSON, for `/config`
access_log.py      the access log
"""
