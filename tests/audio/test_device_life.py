"""Devices come, go and change under a running conversation; over a virtual card that a test may break."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from knik.audio.portaudio import PLAYBACK_RATE, PortAudioDevice
from knik.audio.pulse_streams import PulseStreams
from tests.audio.test_portaudio import Listener, loudest_hertz, running, tone, wait_until
from tests.rig.analysis import sounds
from tests.rig.pulse import RATE, VirtualCard, portaudio_on

OTHER = "other-"
WATCHED_AFTER = 0.5
THE_OTHER_NOW = [f'The {kind} is "{OTHER}{kind}" now.' for kind in ("microphone", "speaker")]
SAID_HZ, PLAYED_HZ = 700, 1_200


@pytest.fixture
def breakable() -> Iterator[VirtualCard]:
    with VirtualCard() as virtual, portaudio_on(virtual):
        yield virtual


def followed(listener: Listener) -> AbstractContextManager[PortAudioDevice]:
    return running(listener, follower=PulseStreams())


def hears_and_plays(card: VirtualCard, listener: Listener, device: PortAudioDevice, name: str = "") -> None:
    """What is said at the card is heard from now on, and what is played is in its air."""
    listener.blocks.clear()
    with card.recording(name) as air:
        listener.play(tone(PLAYED_HZ, PLAYBACK_RATE, 0.4))
        wait_until(lambda: bool(sounds(air.speaker, RATE)))
        assert card.speak(tone(SAID_HZ, RATE, 0.4), RATE, f"{name}voice").wait(10) == 0
        wait_until(lambda: bool(sounds(listener.heard, device.capture_rate)))
    start, end = sounds(air.speaker, RATE)[0]
    played = air.speaker[round((start + 0.05) * RATE) : round((end - 0.05) * RATE)]
    assert loudest_hertz(played, RATE) == pytest.approx(PLAYED_HZ, abs=20)
    start, _ = sounds(listener.heard, device.capture_rate)[0]
    heard = listener.heard[round((start + 0.05) * device.capture_rate) :][: device.capture_rate // 5]
    assert loudest_hertz(heard, device.capture_rate) == pytest.approx(SAID_HZ, abs=20)


def test_the_sound_follows_when_another_default_is_chosen_and_the_user_is_told(
    breakable: VirtualCard,
) -> None:
    breakable.plug_in_another(OTHER)
    listener = Listener()
    with followed(listener) as device:
        time.sleep(WATCHED_AFTER)
        breakable.choose(OTHER)
        hears_and_plays(breakable, listener, device, OTHER)
    assert sorted(listener.notices) == THE_OTHER_NOW


def test_where_nobody_moves_the_streams_they_are_opened_at_the_new_default(breakable: VirtualCard) -> None:
    """As on macOS and Windows. In a process of its own: the soundcard package outlives no sound server."""
    breakable.plug_in_another(OTHER)
    loop = subprocess.Popen(
        [sys.executable, "-m", "tests.rig.following"],
        env=breakable.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert loop.stdout is not None
    assert loop.stdout.readline() == "opened\n"
    time.sleep(WATCHED_AFTER)
    breakable.choose(OTHER)
    lines: list[str] = []
    while not (lines[-1:] == ["opened"] and set(THE_OTHER_NOW) <= set(lines)):
        lines.append(loop.stdout.readline().strip())
        assert lines[-1], f"it ended: {lines}"
    assert set(lines) == {"opened", *THE_OTHER_NOW}
    with breakable.recording(OTHER) as air:
        wait_until(lambda: bool(sounds(air.speaker, RATE)))
    loop.communicate("")
    assert loop.returncode == 0


def test_the_sound_goes_on_at_another_card_when_one_is_pulled_out(breakable: VirtualCard) -> None:
    breakable.plug_in_another(OTHER)
    listener = Listener()
    with followed(listener) as device:
        time.sleep(WATCHED_AFTER)
        breakable.unplug()
        hears_and_plays(breakable, listener, device, OTHER)
    assert sorted(listener.notices) == THE_OTHER_NOW


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_a_headset_that_comes_back_with_the_mono_of_a_call_is_heard_and_played_on(
    breakable: VirtualCard, rate: int
) -> None:
    listener = Listener()
    with followed(listener) as device:
        breakable.unplug()
        breakable.plug_in(rate)
        listener.wait_for_notice("Sound is back")
        hears_and_plays(breakable, listener, device)
    assert [text.split()[0] for text in listener.notices] == ["Lost", "Sound"]


def test_a_sound_server_that_hung_is_used_again(breakable: VirtualCard) -> None:
    listener = Listener()
    with followed(listener) as device:
        with breakable.frozen():
            listener.wait_for_notice("Lost the sound device")
        listener.wait_for_notice("Sound is back")
        hears_and_plays(breakable, listener, device)


def test_a_sound_server_that_was_restarted_is_used_again(breakable: VirtualCard) -> None:
    listener = Listener()
    with followed(listener) as device:
        breakable.restart()
        listener.wait_for_notice("Sound is back")
        hears_and_plays(breakable, listener, device)
