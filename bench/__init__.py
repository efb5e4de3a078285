"""What a request costs behind cors-proxy and behind its peers: `make bench`.

README.md holds the figures."""
