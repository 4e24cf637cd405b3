"""Who watches where the sound goes, over a virtual card."""

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from knik.audio.follow import Follower, Reports
from knik.audio.portaudio import PortAudioDevice
from knik.audio.pulse_streams import PulseStreams, place
from tests.audio.test_portaudio import Listener, wait_until
from tests.rig.pulse import VirtualCard, portaudio_on

OTHER = "other-"


class Told:
    """What a follower tells."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self.moves: list[tuple[str, str]] = []
        self.errors: list[Exception] = []

    def watch(self, follower: Follower) -> None:
        reports = Reports(
            lambda *place: self.found.append(place),
            lambda: None,
            lambda *move: self.moves.append(move),
            self.errors.append,
        )
        follower.start(["input", "output"], reports)


@pytest.fixture
def own_card() -> Iterator[VirtualCard]:
    with VirtualCard() as virtual, portaudio_on(virtual):
        yield virtual


def connected(follower: PulseStreams) -> bool:
    return follower._pulse is not None


def watches(follower: PulseStreams) -> bool:
    return follower._thread is not None and follower._thread.is_alive()


def test_a_plug_in_the_jack_is_another_place() -> None:
    card = {"name": "alsa_output.pci", "description": "Built-in Audio"}
    speaker = SimpleNamespace(name="analog-output-speaker", description="Speakers")
    headphones = SimpleNamespace(name="analog-output-headphones", description="Headphones")
    before, after = (place(SimpleNamespace(**card, port_active=port)) for port in (speaker, headphones))
    assert before != after
    assert after.name == "Built-in Audio: Headphones"


def test_without_a_sound_server_there_is_nothing_to_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    told, follower = Told(), PulseStreams()
    told.watch(follower)
    wait_until(lambda: not watches(follower))
    follower.stop()
    assert (told.moves, told.errors) == ([], [])


def test_the_streams_of_other_programs_may_go_where_they_like(own_card: VirtualCard) -> None:
    own_card.plug_in_another(OTHER)
    told, follower = Told(), PulseStreams()
    told.watch(follower)
    wait_until(lambda: connected(follower))
    with own_card.recording():  # parec, a program of its own
        own_card.choose(OTHER)
        own_card.unplug()
        time.sleep(0.5)
    follower.stop()
    assert (told.found, told.moves, told.errors) == ([], [], [])


def test_the_default_device_is_called_by_its_name_and_by_the_next_ones(own_card: VirtualCard) -> None:
    own_card.plug_in_another(OTHER)
    listener = Listener()
    device = PortAudioDevice(on_notice=listener.notice, follower=PulseStreams())
    device.start(listener.capture, listener.playback)
    try:
        wait_until(lambda: device.name == "microphone → speaker")
        own_card.choose(OTHER)
        wait_until(lambda: device.name == f"{OTHER}microphone → {OTHER}speaker")
    finally:
        device.stop()


def test_a_sound_server_that_was_restarted_is_watched_again(own_card: VirtualCard) -> None:
    listener = Listener()
    follower = PulseStreams()
    device = PortAudioDevice(on_notice=listener.notice, follower=follower)
    device.start(listener.capture, listener.playback)
    try:
        wait_until(lambda: connected(follower))
        own_card.restart()
        listener.wait_for_notice("Sound is back")
        own_card.plug_in_another(OTHER)
        wait_until(lambda: connected(follower))
        time.sleep(0.5)
        own_card.choose(OTHER)
        listener.wait_for_notice(f'The speaker is "{OTHER}speaker" now.')
    finally:
        device.stop()
    assert not watches(follower)


def test_a_hung_sound_server_does_not_hold_up_the_end(own_card: VirtualCard) -> None:
    told, follower = Told(), PulseStreams()
    told.watch(follower)
    wait_until(lambda: connected(follower))
    with own_card.frozen():
        time.sleep(0.6)
        begun = time.monotonic()
        follower.stop()
        follower.stop()
        assert time.monotonic() - begun < 0.2
    assert told.errors == []
