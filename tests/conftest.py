"""Fixtures of the whole suite."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.rig.fixtures"]


@pytest.fixture(autouse=True)
def caches_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes what knik keeps in the user's cache and state folders."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder
