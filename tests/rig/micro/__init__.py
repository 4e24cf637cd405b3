"""Micro models in the real formats, and the scripts that make them."""
