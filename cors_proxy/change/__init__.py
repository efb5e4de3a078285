"""What a change of a policy lets in, and what it keeps out.

Each module imports only modules below it in this map:

compare.py  every class of requests that two policies treat differently
meaning.py  the meaning of a route's keys, however they are spelled
"""
