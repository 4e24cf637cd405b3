"""The folder of evaluated system prompts."""

from pathlib import Path

import pytest

from knik.engines.prefill_store import KEPT, SHORTEST, PrefillStore

TOKENS = list(range(SHORTEST))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "states"


@pytest.fixture
def store(folder: Path, model: Path) -> PrefillStore:
    return PrefillStore(folder, model, "1.0")


def test_a_state_is_found_by_its_tokens_its_model_and_its_library(
    store: PrefillStore, folder: Path, model: Path
) -> None:
    store.keep(TOKENS, b"state")
    assert store.find(TOKENS) == b"state"
    assert store.find([*TOKENS, 1]) is None
    assert PrefillStore(folder, model, "1.1").find(TOKENS) is None
    model.write_bytes(b"another")
    assert PrefillStore(folder, model, "1.0").find(TOKENS) is None


def test_only_the_states_used_last_are_kept(store: PrefillStore, folder: Path) -> None:
    for i in range(KEPT + 3):
        store.keep([*TOKENS, i], b"state")
    assert len(list(folder.iterdir())) == KEPT


def test_what_is_quickly_evaluated_is_not_worth_a_file(store: PrefillStore) -> None:
    assert store.takes(TOKENS)
    assert not store.takes(TOKENS[:-1])
    assert store.find(TOKENS[:-1]) is None


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:10], lambda data: b"x" + data[1:]]
)
def test_a_damaged_file_is_not_believed(store: PrefillStore, folder: Path, damage) -> None:  # type: ignore[no-untyped-def]
    store.keep(TOKENS, b"state")
    (path,) = folder.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert store.find(TOKENS) is None


def test_where_nothing_can_be_written_nothing_is_lost(model: Path) -> None:
    store = PrefillStore(Path("/dev/null/states"), model, "1.0")
    store.keep(TOKENS, b"state")
    assert store.find(TOKENS) is None
