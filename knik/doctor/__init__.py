"""Checks of the machine and of what is installed on it, each with what mends it."""
