"""The sound card device, over a virtual sound card that is really played and recorded on."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from knik.audio import portaudio
from knik.audio.block_filler import BlockFiller
from knik.audio.choose import choose_device, list_devices
from knik.audio.frames import Samples
from knik.audio.portaudio import PLAYBACK_RATE, PortAudioDevice
from knik.errors import KnikError
from tests.rig.analysis import sounds
from tests.rig.pulse import RATE, VirtualCard, portaudio_on

PATIENCE = 20.0


def tone(hertz: float, rate: int, seconds: float) -> Samples:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def loudest_hertz(samples: Samples, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum)) * rate / samples.size


class Listener:
    """The two callbacks of a session: keeps what it hears, plays what it is told, and when."""

    def __init__(self) -> None:
        self.blocks: list[tuple[Samples, float]] = []
        self.notices: list[str] = []
        self.filled = 0
        self.played_at: float | None = None
        self._to_play: Samples | None = None
        self._changed = threading.Condition()

    def notice(self, text: str) -> None:
        with self._changed:
            self.notices.append(text)
            self._changed.notify_all()

    def capture(self, block: Samples, at: float, overflow: bool) -> None:
        self.blocks.append((block.copy(), at))

    def playback(self, out: Samples, at: float, underflow: bool) -> None:
        self.filled += 1
        out.fill(0.0)
        if self._to_play is not None:
            self.played_at = at if self.played_at is None else self.played_at
            part, self._to_play = self._to_play[: out.size], self._to_play[out.size :]
            out[: part.size] = part

    def play(self, samples: Samples) -> None:
        self._to_play = samples

    def wait_for_notice(self, beginning: str) -> None:
        with self._changed:
            assert self._changed.wait_for(
                lambda: any(text.startswith(beginning) for text in self.notices), PATIENCE
            ), f"no notice {beginning!r} among {self.notices}"

    @property
    def heard(self) -> Samples:
        return np.concatenate([np.zeros(0, np.float32), *(block for block, _ in self.blocks)])


def wait_until(test: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not test():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


@contextmanager
def running(listener: Listener, **settings: Any) -> Iterator[PortAudioDevice]:
    """A device that is heard and filled already, with the settings of `PortAudioDevice`."""
    device = PortAudioDevice(on_notice=listener.notice, **settings)
    device.start(listener.capture, listener.playback)
    try:
        wait_until(lambda: len(listener.blocks) > 20 and listener.filled > 20)
        yield device
    finally:
        device.stop()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def own_card() -> Iterator[VirtualCard]:
    """A card that a test may break."""
    with VirtualCard() as virtual, portaudio_on(virtual):
        yield virtual


@pytest.mark.parametrize("capture", [True, False])
def test_who_has_started_the_card_finds_it_running(
    card: VirtualCard, listener: Listener, capture: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portaudio, "FIRST_CALL_SECONDS", PATIENCE)
    with portaudio_on(card):
        device = PortAudioDevice(capture=capture)
        device.start(listener.capture, listener.playback)
        try:
            assert listener.blocks if capture else listener.filled
        finally:
            device.stop()


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_what_is_said_arrives_at_the_rate_that_was_asked_for(
    card: VirtualCard, listener: Listener, rate: int
) -> None:
    with portaudio_on(card):
        device = PortAudioDevice(rate=rate, on_notice=listener.notice)
        device.start(listener.capture, listener.playback)
        try:
            assert device.capture_rate == rate
            wait_until(lambda: len(listener.blocks) > 20)
            card.play(np.concatenate([tone(700, RATE, 0.5), np.zeros(RATE // 4, np.float32)]), RATE)
            wait_until(lambda: bool(sounds(listener.heard, rate)))
            time.sleep(0.5)
        finally:
            device.stop()
    ((start, end),) = sounds(listener.heard, rate)
    assert end - start == pytest.approx(0.5, abs=0.02)
    heard = listener.heard[round((start + 0.1) * rate) : round((end - 0.1) * rate)]
    assert loudest_hertz(heard, rate) == pytest.approx(700, abs=5)
    assert np.max(np.abs(heard)) == pytest.approx(0.5, abs=0.05)
    assert listener.notices == []


def test_what_is_played_is_heard_and_both_ends_share_one_clock(card: VirtualCard, listener: Listener) -> None:
    with portaudio_on(card), card.recording() as air:
        device = PortAudioDevice(on_notice=listener.notice)
        device.start(listener.capture, listener.playback)
        try:
            wait_until(lambda: len(listener.blocks) > 250)  # the start's jitter is forgotten after 2 s
            card.play(tone(700, RATE, 0.2), RATE)
            listener.play(tone(1_200, PLAYBACK_RATE, 0.2))
            wait_until(lambda: bool(sounds(air.speaker, RATE)))
            time.sleep(0.5)
        finally:
            device.stop()
        (said,), (played,) = sounds(air.microphone, RATE), sounds(air.speaker, RATE)
    assert played[1] - played[0] == pytest.approx(0.2, abs=0.01)
    middle = air.speaker[round((played[0] + 0.05) * RATE) : round((played[1] - 0.05) * RATE)]
    assert loudest_hertz(middle, RATE) == pytest.approx(1_200, abs=10)
    # When the device says that the two happened, against a recording of the air that holds both.
    rate = device.capture_rate
    onset = round(sounds(listener.heard, rate)[0][0] * rate)
    first = np.cumsum([0, *(block.size for block, _ in listener.blocks)])[:-1]
    offsets = np.array([at for _, at in listener.blocks]) - first / rate
    recorded_at = float(np.min(offsets[-150:])) + onset / rate
    assert listener.played_at is not None
    assert listener.played_at - recorded_at == pytest.approx(played[0] - said[0], abs=0.035)


def test_a_stereo_speaker_plays_the_same_on_both_sides() -> None:
    def ones(out: Samples, at: float, underflow: bool) -> None:
        out.fill(0.25)

    block = np.zeros((480, 2), np.float32)
    BlockFiller(ones, PLAYBACK_RATE, PLAYBACK_RATE).fill(block, 0.0, False)
    assert np.all(block == 0.25)


def test_a_speaker_of_another_rate_gets_every_sample_at_its_place() -> None:
    source = tone(440, PLAYBACK_RATE, 1.0)
    taken: list[float] = []
    flags: list[bool] = []

    def play(out: Samples, at: float, underflow: bool) -> None:
        start = len(taken) * out.size
        out[:] = np.resize(source, out.size) if start >= source.size else source[start : start + out.size]
        taken.append(at)
        flags.append(underflow)

    filler = BlockFiller(play, PLAYBACK_RATE, 44_100)
    blocks = [np.zeros((441, 1), np.float32) for _ in range(80)]
    for number, block in enumerate(blocks):
        filler.fill(block, number * 0.01, number == 3)
    out = np.concatenate(blocks)[:, 0]
    assert loudest_hertz(out[4_410:30_000], 44_100) == pytest.approx(440, abs=3)
    assert all(later > sooner for sooner, later in itertools.pairwise(taken))
    assert sum(flags) == 1  # one underrun is counted once, however many blocks it takes to fill


def test_after_stop_nothing_is_called_back_and_a_second_stop_does_nothing(
    card: VirtualCard, listener: Listener
) -> None:
    with portaudio_on(card):
        device = PortAudioDevice()
        device.start(listener.capture, listener.playback)
        wait_until(lambda: len(listener.blocks) > 5 and listener.filled > 5)
        device.stop()
        heard, filled = len(listener.blocks), listener.filled
        time.sleep(0.2)
        assert (len(listener.blocks), listener.filled) == (heard, filled)
        device.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "audio watchdog"]


def test_a_callback_that_fails_is_reported_and_the_sound_goes_on(
    card: VirtualCard, listener: Listener
) -> None:
    def fail(block: Samples, at: float, overflow: bool) -> None:
        raise ValueError("the ears hurt")

    with portaudio_on(card):
        device = PortAudioDevice(on_notice=listener.notice)
        device.start(fail, listener.playback)
        try:
            listener.wait_for_notice("Part of the sound failed: ValueError: the ears hurt")
            filled = listener.filled
            wait_until(lambda: listener.filled > filled + 5)
        finally:
            device.stop()


def test_a_speaker_that_was_filled_too_late_gets_larger_buffers_once_it_is_silent(
    card: VirtualCard, listener: Listener
) -> None:
    """As on a machine that others keep busy."""

    def late(out: Samples, at: float, underflow: bool) -> None:
        listener.playback(out, at, underflow)
        if out.any():
            time.sleep(0.05)

    with portaudio_on(card):
        device = PortAudioDevice(on_notice=listener.notice)
        device.start(listener.capture, late)
        try:
            wait_until(lambda: listener.filled > 5)
            assert not listener.notices
            listener.play(tone(440, PLAYBACK_RATE, 0.1))
            listener.wait_for_notice(
                "The machine is too busy for the speaker's buffers, which hold 30 ms now"
            )
            filled, heard = listener.filled, len(listener.blocks)
            wait_until(lambda: listener.filled > filled + 20 and len(listener.blocks) > heard + 20)
        finally:
            device.stop()
    assert len(listener.notices) == 1


def test_a_card_that_is_pulled_out_and_comes_back_is_used_again(
    own_card: VirtualCard, listener: Listener
) -> None:
    device = PortAudioDevice(on_notice=listener.notice)
    device.start(listener.capture, listener.playback)
    try:
        wait_until(lambda: len(listener.blocks) > 20)
        before = device.stream_time()
        own_card.unplug()
        listener.wait_for_notice("Lost the sound device")
        # The clock goes on: nothing that was timed by it may fall into another century.
        assert 0 < device.stream_time() - before < PATIENCE
        own_card.plug_in()
        listener.wait_for_notice("Sound is back")
        heard, filled = len(listener.blocks), listener.filled
        wait_until(lambda: len(listener.blocks) > heard + 20 and listener.filled > filled + 20)
        assert listener.blocks[-1][1] - before == pytest.approx(device.stream_time() - before, abs=1.0)
    finally:
        device.stop()
    assert [text.split()[0] for text in listener.notices] == ["Lost", "Sound"]


def test_a_speaker_that_rests_is_not_filled_nor_missed_and_is_back_when_it_is_needed(
    own_card: VirtualCard, listener: Listener
) -> None:
    with running(listener) as device:
        device.rest_speaker(True)
        own_card.wait_until_the_speaker_rests()
        filled, heard = listener.filled, len(listener.blocks)
        # Longer than what makes the watchdog look for a device.
        time.sleep(portaudio.SILENT_SECONDS + 2 * portaudio.CHECK_SECONDS)
        assert listener.filled == filled
        assert len(listener.blocks) > heard + 20
        with own_card.recording() as air:
            listener.play(tone(700, PLAYBACK_RATE, 0.4))
            device.rest_speaker(False)
            wait_until(lambda: bool(sounds(air.speaker, RATE)))
        assert listener.notices == []


def test_a_card_that_is_exchanged_while_the_speaker_rests_is_played_on(
    own_card: VirtualCard, listener: Listener
) -> None:
    with running(listener) as device:
        device.rest_speaker(True)
        own_card.wait_until_the_speaker_rests()
        own_card.unplug()
        own_card.plug_in()
        device.rest_speaker(False)
        filled = listener.filled
        wait_until(lambda: listener.filled > filled + 20)
        with own_card.recording() as air:
            listener.play(tone(700, PLAYBACK_RATE, 0.4))
            wait_until(lambda: bool(sounds(air.speaker, RATE)))


def test_stopping_while_the_card_is_away_ends_the_search(own_card: VirtualCard, listener: Listener) -> None:
    device = PortAudioDevice(on_notice=listener.notice)
    device.start(listener.capture, listener.playback)
    wait_until(lambda: len(listener.blocks) > 5)
    own_card.unplug()
    listener.wait_for_notice("Lost the sound device")
    device.stop()
    wait_until(lambda: not any(thread.name == "audio watchdog" for thread in threading.enumerate()))


def test_a_sound_server_that_hangs_does_not_keep_stop_waiting(
    own_card: VirtualCard, listener: Listener
) -> None:
    device = PortAudioDevice(on_notice=listener.notice)
    device.start(listener.capture, listener.playback)
    wait_until(lambda: len(listener.blocks) > 5)
    with own_card.frozen():
        stopper = threading.Thread(target=device.stop, daemon=True)
        stopper.start()
        # Closing a stream of a hung server waits for ever; a loaded machine only takes longer.
        stopper.join(PATIENCE / 2)
        assert not stopper.is_alive()
    wait_until(lambda: not any(thread.name == "audio watchdog" for thread in threading.enumerate()))


def test_a_machine_without_a_card_is_told_so(own_card: VirtualCard, listener: Listener) -> None:
    own_card.unplug()
    with pytest.raises(KnikError, match=r"cannot be opened.*--input or --output"):
        PortAudioDevice().start(listener.capture, listener.playback)


def test_devices_are_chosen_by_number_name_or_a_part_of_it(card: VirtualCard) -> None:
    with portaudio_on(card):
        devices = {device.name: device for device in list_devices()}
        pulse = devices["pulse"]
        assert pulse.inputs > 0
        assert choose_device("input", "PUL") == (pulse.index, "pulse")
        assert choose_device("output", pulse.index) == (pulse.index, "pulse")
        assert choose_device("output", str(pulse.index)) == (pulse.index, "pulse")
        assert choose_device("input", "")[1] == "default"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("puls audio", r'no microphone "puls audio"; there is "pulse"'),
        ("u", r'"u" fits more than one microphone: .*"pulse".*number'),
        (99, r'no microphone "99".*knik devices'),
    ],
)
def test_a_wrong_device_names_the_right_ones(card: VirtualCard, wanted: str | int, message: str) -> None:
    with portaudio_on(card), pytest.raises(KnikError, match=message):
        choose_device("input", wanted)
