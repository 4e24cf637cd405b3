"""Runnable measurements: `python -m benchmarks.NAME [--json FILE] [--quick]`; see README.md."""
