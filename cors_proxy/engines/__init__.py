"""Other engines that carry the requests and ask the decision listener: their configuration, and what
each cannot carry.

Each module imports only modules below it in this map:

losses.py  what an engine cannot carry of a policy
nginx.py   the configuration of nginx
uses.py    what of a policy an engine has to carry
"""
