"""Measures engines and whole turns on a folder of recordings."""
