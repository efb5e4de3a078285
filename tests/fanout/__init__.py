"""The bytes that the proxy sends upstream, read again by the parsers of independent servers: each
reads what was meant."""
