"""Fixtures of the whole suite."""

from hypothesis import settings

pytest_plugins = ["tests.rig.fixtures", "tests.rig.faults.fixtures"]

# How long an example takes says more about the machine than about the code.
settings.register_profile("knik", deadline=None)
settings.load_profile("knik")
