"""Stock phrases come from disk; nothing else gets there."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from knik.audio.frames import Samples
from knik.cancel import Cancelled, CancelToken
from knik.engines.espeak import EspeakSynthesizer
from knik.engines.phrase_cache import PhraseCache
from knik.engines.protocols import SpeechChunk, VoiceSettings

PHRASES = frozenset({"One moment.", "Let me see."})


class Counted(EspeakSynthesizer):
    """The real voice, with the texts that it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.spoke: list[str] = []

    def synthesize(self, text: str, settings: VoiceSettings, cancel: CancelToken) -> Iterator[SpeechChunk]:
        self.spoke.append(text)
        yield from super().synthesize(text, settings, cancel)


@pytest.fixture
def engine() -> Counted:
    return Counted()


def cache(engine: Counted, folder: Path, limit: int = 10**6, identity: str = "one") -> PhraseCache:
    return PhraseCache(engine, folder, PHRASES, identity=identity, limit=limit)


def say(voice: PhraseCache, text: str, settings: VoiceSettings = VoiceSettings()) -> Samples:  # noqa: B008
    return np.concatenate([chunk.samples for chunk in voice.synthesize(text, settings, CancelToken())])


def test_a_phrase_is_synthesised_once_and_sounds_the_same(engine: Counted, tmp_path: Path) -> None:
    first = say(cache(engine, tmp_path), "One moment.")
    again = say(cache(engine, tmp_path), "One moment.")
    assert engine.spoke == ["One moment."]
    np.testing.assert_allclose(again, first, atol=2 / 2**15)


def test_what_is_no_stock_phrase_never_reaches_the_disk(engine: Counted, tmp_path: Path) -> None:
    voice = cache(engine, tmp_path)
    say(voice, "My secret.")
    say(voice, "My secret.")
    assert engine.spoke == ["My secret."] * 2
    assert list(tmp_path.iterdir()) == []


def test_another_voice_speed_or_model_is_another_sound(engine: Counted, tmp_path: Path) -> None:
    say(cache(engine, tmp_path), "One moment.")
    say(cache(engine, tmp_path), "One moment.", VoiceSettings(speed=1.5))
    say(cache(engine, tmp_path), "One moment.", VoiceSettings(voice="en-us+f2"))
    say(cache(engine, tmp_path, identity="two"), "One moment.")
    assert len(engine.spoke) == 4


def test_the_folder_stays_within_its_limit(engine: Counted, tmp_path: Path) -> None:
    say(cache(engine, tmp_path), "One moment.")
    (kept,) = tmp_path.iterdir()
    limit = round(1.5 * kept.stat().st_size)
    say(cache(engine, tmp_path, limit), "Let me see.")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= limit


def test_a_damaged_file_is_made_anew(engine: Counted, tmp_path: Path) -> None:
    say(cache(engine, tmp_path), "One moment.")
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"fLaC")
    assert say(cache(engine, tmp_path), "One moment.").size
    assert len(engine.spoke) == 2
    say(cache(engine, tmp_path), "One moment.")
    assert len(engine.spoke) == 2


def test_half_a_phrase_is_not_kept(engine: Counted, tmp_path: Path) -> None:
    cancel = CancelToken()
    chunks = cache(engine, tmp_path).synthesize("Let me see.", VoiceSettings(), cancel)
    next(chunks)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(chunks)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_it_speaks_all_the_same(engine: Counted) -> None:
    assert say(cache(engine, Path("/dev/null/cache")), "One moment.").size
