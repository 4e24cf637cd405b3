"""The command line: options, screens and messages; no logic."""
