"""The room in real time, between the virtual card's speaker and its microphone."""

import time

import numpy as np

from knik.audio.frames import SAMPLE_RATE
from tests.rig.analysis import sounds
from tests.rig.pulse import RATE, VirtualCard
from tests.rig.room.echo_path import EchoPath
from tests.rig.room.live import open_room
from tests.rig.room.scene import Said, Scene


def test_the_microphone_hears_the_speaker_late_and_quieter() -> None:
    tone = (0.4 * np.sin(2 * np.pi * 440 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)
    with VirtualCard() as card, open_room(card, EchoPath(delay=0.1, distortion=0.0)), card.recording() as air:
        time.sleep(0.5)
        assert card.speak(tone, SAMPLE_RATE, sink="spk").wait(20) == 0
        time.sleep(1.0)
        (played,) = sounds(air.speaker, RATE)
        heard = sounds(air.microphone, RATE)[0]
        peak = np.max(np.abs(air.microphone))
    # PulseAudio's buffers add to the path's own delay.
    assert 0.1 <= heard[0] - played[0] <= 0.6
    # The direct sound is 12 dB quieter, and the reflections come on top.
    assert 0.05 < peak < 0.3


def test_a_scene_is_played_where_its_truth_says() -> None:
    scene = Scene(4.0, (Said("what time is it", 0.5), Said("tell me a joke", 2.5)), noise="fan", snr_db=30.0)
    truth = scene.render()
    with VirtualCard() as card, card.recording() as air:
        card.play(truth.microphone, SAMPLE_RATE)
        (first, second) = sounds(air.microphone, RATE, level=0.05)
    word = {spoken.text: spoken for spoken in truth.words}
    assert abs((second[0] - first[0]) - (word["tell"].start - word["what"].start)) < 0.05
