"""Hours of mixed traffic through the real process: what it holds must not grow."""
