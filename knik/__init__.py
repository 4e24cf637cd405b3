"""knik: a voice assistant that lives in the terminal and never phones home."""

__version__ = "0.1.0"
