"""The turn-detection engine with a micro model in the real format."""

from pathlib import Path

import numpy as np
import pytest

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.cancel import CancelToken
from knik.config.load import load
from knik.engines.judged import JudgedTranscriber
from knik.engines.smart_turn import SmartTurn
from knik.errors import KnikError
from knik.session.assembly import engine_loaders
from tests.rig.fullsize.onnx_file import Graph, value
from tests.rig.micro import turn
from tests.rig.micro.models import SETTINGS
from tests.rig.voices import spoken


def voice(seconds: float, *, falling: bool) -> Samples:
    """Noise that stays as loud, or becomes quiet in its last half second."""
    sound = 0.1 * np.random.default_rng(3).standard_normal(round(seconds * SAMPLE_RATE)).astype(np.float32)
    if falling:
        sound[-SAMPLE_RATE // 2 :] *= 0.05
    return sound


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return turn.make(tmp_path_factory.mktemp("turn") / "smart-turn.onnx")


@pytest.mark.parametrize("seconds", [2.0, 8.0, 20.0])
def test_the_end_of_the_sound_is_what_is_judged(model: Path, seconds: float) -> None:
    detector = SmartTurn(model)
    assert detector.finished(voice(seconds, falling=True)) > 0.9
    assert detector.finished(voice(seconds, falling=False)) < 0.5


def test_loudness_makes_no_difference_and_the_shortest_sound_is_taken(model: Path) -> None:
    detector = SmartTurn(model)
    loud = voice(3.0, falling=True)
    assert detector.finished(loud) == pytest.approx(detector.finished(loud / 50), abs=0.02)
    assert 0 <= detector.finished(np.zeros(1, np.float32)) <= 1


def test_another_model_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    graph = Graph()
    graph.result("out", graph.op("Identity", "x"))
    other = tmp_path / "other.onnx"
    graph.write(other, [value("x", "float32", [1, 3])], [value("out", "float32", [1, 3])])
    with pytest.raises(KnikError, match="no Smart Turn model") as caught:
        SmartTurn(other)
    assert "knik models download" in caught.value.remedy
    other.write_bytes(b"broken")
    with pytest.raises(KnikError, match="cannot load"):
        SmartTurn(other)


def test_an_installed_model_judges_every_transcript_of_a_session(tmp_path: Path) -> None:
    turn.make(tmp_path / "turn" / "smart-turn-v3.2-cpu.onnx")
    config = load(None, {}, {**SETTINGS, "models.dir": str(tmp_path)}).config
    make = engine_loaders(config).transcriber
    assert make is not None
    engine = make()
    assert isinstance(engine, JudgedTranscriber)
    heard = engine.transcribe(spoken("what is the weather"), CancelToken())
    assert heard.finished is not None
    engine.close()
    off = load(None, {}, {**SETTINGS, "models.dir": str(tmp_path), "endpoint.turn_model": "off"}).config
    make = engine_loaders(off).transcriber
    assert make is not None
    assert not isinstance(make(), JudgedTranscriber)


def test_a_broken_model_leaves_the_words_to_decide_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "turn").mkdir()
    (tmp_path / "turn" / "smart-turn-v3.2-cpu.onnx").write_bytes(b"broken")
    told: list[str] = []
    config = load(None, {}, {**SETTINGS, "models.dir": str(tmp_path)}).config
    make = engine_loaders(config, notify=told.append).transcriber
    assert make is not None
    assert not isinstance(make(), JudgedTranscriber)
    assert "words alone" in told[0]
