"""Fixtures of the whole suite."""

pytest_plugins = ["tests.rig.fixtures", "tests.rig.faults.fixtures"]
