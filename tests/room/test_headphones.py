"""Whole conversations in the simulated room: is there an echo, and what if it comes later?"""

import numpy as np

from benchmarks.overtalk import KNIK, overtalk
from knik.audio.frames import SAMPLE_RATE, Samples
from tests.rig.room.echo_path import EchoPath


def quiet(seconds: float) -> Samples:
    noise = np.random.default_rng(1).standard_normal(round(seconds * SAMPLE_RATE))
    return (1e-4 * noise).astype(np.float32)


def test_open_speakers_are_told_of_once_and_never_interrupt_the_assistant() -> None:
    came = overtalk(quiet(20), EchoPath(delay=0.12), KNIK)
    assert [text.split(",")[0] for text in came.notices] == ["Echo heard"]
    assert "120 ms" in came.notices[0]
    assert [h for h in came.of("interrupted") if h.at < 19.9] == []


def test_headphones_are_noticed_and_when_they_are_pulled_out_the_assistant_is_soon_at_ease() -> None:
    came = overtalk(quiet(24), EchoPath(delay=0.12), KNIK, echo_from=10.0)
    assert [text.split(" heard")[0] for text in came.notices] == ["No echo", "Echo"]
    cut = [h.at for h in came.of("interrupted") if h.at < 23.9]
    # It hears itself for a moment: the canceller does not know the way yet.
    assert all(10.0 <= at < 13.0 for at in cut)
    assert len(cut) <= 1


def test_a_system_that_tells_of_it_spares_the_assistant_even_that() -> None:
    came = overtalk(
        quiet(24), EchoPath(delay=0.08, gain_db=0.0, distortion=1.0), KNIK, echo_from=12.0, told=True
    )
    assert [text.split(" heard")[0] for text in came.notices] == ["No echo", "Echo"]
    assert [h for h in came.of("interrupted") if h.at < 23.9] == []


def test_whoever_chooses_is_told_nothing() -> None:
    assert overtalk(quiet(5), EchoPath(), {"audio.echo": "on"}).notices == ()
