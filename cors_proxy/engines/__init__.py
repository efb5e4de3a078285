"""Other engines that carry the requests and ask the decision listener: their configuration, and what
each cannot carry.

Each module imports only modules below it in this map:

glue.py     the files that make an engine ask
losses.py   what an engine cannot carry of a policy
nginx.py    the configuration of nginx
haproxy.py  the configuration of HAProxy
uses.py     what of a policy an engine has to carry
"""
