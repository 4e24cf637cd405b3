"""The rig's fixtures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.pulse import VirtualCard


@pytest.fixture(scope="session")
def card() -> Iterator[VirtualCard]:
    """A virtual sound card; the test fails, and is not skipped, where PulseAudio is missing."""
    with VirtualCard() as virtual:
        yield virtual


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees the user's configuration, models or transcripts, or writes among them."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name))
    monkeypatch.setenv("KNIK_MODELS_DIR", str(home / "models"))
    for name in ("KNIK_CONFIG", "KNIK_DEBUG", "KNIK_HARD_EXIT"):
        monkeypatch.delenv(name, raising=False)
    return home
