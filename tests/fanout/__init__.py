"""The bytes that the proxy sends upstream, read by the parsers of other servers as they were
meant."""
