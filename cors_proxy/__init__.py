"""A standalone reverse proxy that enforces CORS.

Imports run one way: cli -> operate -> explain -> proxy -> policy -> cors."""

__version__ = "0.2.0"
