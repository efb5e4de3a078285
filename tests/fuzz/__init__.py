"""Sends mutated requests and responses through the real proxy, and checks what reaches either
side."""
