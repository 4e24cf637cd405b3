"""The wake word by its sound, with the real spectrogram and embedding and a classifier made on the spot."""

from pathlib import Path

import numpy as np
import pytest

from knik.audio.frames import SAMPLE_RATE
from knik.cancel import CancelToken
from knik.config.load import load
from knik.engines.spotted import SpottingTranscriber
from knik.engines.wake_word import WakeWord
from knik.errors import KnikError
from knik.session.assembly import engine_loaders
from tests.rig.fullsize.onnx_file import Graph, value
from tests.rig.micro import wake
from tests.rig.voices import silence, spoken

SETTINGS = {"wake.enabled": True, "wake.phrase": "Hey computer", "stt.engine": "pocketsphinx"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = tmp_path_factory.mktemp("models")
    wake.make(models / "wake" / "hey_computer.onnx")
    return models


@pytest.fixture(scope="module")
def spotter(folder: Path) -> WakeWord:
    return WakeWord(folder / "wake" / "hey_computer.onnx", 0.5)


@pytest.mark.parametrize("after", ["", "what time is it", "stop"])
def test_the_phrase_is_heard_and_where_it_ends(spotter: WakeWord, after: str) -> None:
    called = np.concatenate([silence(0.3), spoken(wake.PHRASE)])
    rest = np.concatenate([silence(0.4), spoken(after)]) if after else silence(0.2)
    end = spotter.heard(np.concatenate([called, rest]))
    assert end is not None
    assert abs(end - called.size) < 0.35 * SAMPLE_RATE


@pytest.mark.parametrize("text", ["what time is it", "turn the light on", "hey there how are you", "stop"])
def test_other_speech_and_noise_are_not_the_phrase(spotter: WakeWord, text: str) -> None:
    assert spotter.heard(np.concatenate([silence(0.3), spoken(text), silence(0.3)])) is None
    noise = 0.05 * np.random.default_rng(0).standard_normal(2 * SAMPLE_RATE).astype(np.float32)
    assert spotter.heard(noise) is None
    assert spotter.heard(np.zeros(10, np.float32)) is None


def test_the_phrase_is_spelt_right_and_what_follows_is_transcribed(folder: Path) -> None:
    config = load(None, {}, {**SETTINGS, "models.dir": str(folder)}).config
    make = engine_loaders(config).transcriber
    assert make is not None
    engine = make()
    assert isinstance(engine, SpottingTranscriber)
    sound = np.concatenate([silence(0.3), spoken("hey computer"), silence(0.4), spoken("what time is it")])
    heard = engine.transcribe(np.concatenate([sound, silence(0.3)]), CancelToken())
    assert heard.text.startswith("Hey computer, ")
    assert "time" in heard.text
    alone = engine.transcribe(np.concatenate([silence(0.3), spoken("hey computer")]), CancelToken())
    assert alone.text == "Hey computer"
    engine.close()


def test_a_model_of_another_phrase_or_without_sleep_is_left_alone(folder: Path) -> None:
    for change in ({"wake.phrase": "hey knik"}, {"wake.enabled": False}):
        config = load(None, {}, {**SETTINGS, "models.dir": str(folder), **change}).config
        make = engine_loaders(config).transcriber
        assert make is not None
        assert not isinstance(make(), SpottingTranscriber)


def test_what_is_no_classifier_is_refused_and_the_transcriber_spots_the_phrase(tmp_path: Path) -> None:
    graph = Graph()
    graph.result("out", graph.op("Identity", "x"))
    other = tmp_path / "wake" / "hey_computer.onnx"
    other.parent.mkdir()
    graph.write(other, [value("x", "float32", [1, 3])], [value("out", "float32", [1, 3])])
    with pytest.raises(KnikError, match="no wake-word model"):
        WakeWord(other, 0.5)
    told: list[str] = []
    config = load(None, {}, {**SETTINGS, "models.dir": str(tmp_path)}).config
    make = engine_loaders(config, notify=told.append).transcriber
    assert make is not None
    assert not isinstance(make(), SpottingTranscriber)
    assert "spots the wake phrase" in told[0]
