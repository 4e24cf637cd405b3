"""The rig itself: what the virtual sound card says of times can be believed."""

import subprocess
from pathlib import Path

import numpy as np
import soundfile

from tests.rig.analysis import sounds
from tests.rig.pulse import RATE, VirtualCard


def click(at: float) -> np.ndarray:
    samples = np.zeros(RATE // 2, np.float32)
    samples[round(at * RATE) : round(at * RATE) + 480] = 0.5
    return samples


def test_microphone_and_speaker_are_recorded_on_one_clock(card: VirtualCard, tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([click(0.1), click(0.3)], axis=1), RATE)
    with card.recording() as air:
        subprocess.run(["paplay", "-d", "air", str(path)], env=card.env, check=True)
    (speaker,), (microphone,) = sounds(air.speaker, RATE), sounds(air.microphone, RATE)
    assert abs(microphone[0] - speaker[0] - 0.2) < 0.001


def test_what_is_said_is_not_played_and_the_other_way_round(card: VirtualCard) -> None:
    with card.recording() as air:
        card.play(click(0.2), RATE)
    assert len(sounds(air.microphone, RATE)) == 1
    assert not sounds(air.speaker, RATE)
