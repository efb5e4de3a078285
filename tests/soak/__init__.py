"""Hours of mixed traffic through the real process, whose memory and descriptors must not grow."""
