"""The real device code over the virtual sound card."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from knik.audio import portaudio
from knik.audio.choose import RATES, choose_device, list_devices, supported_rates
from knik.audio.frames import Samples
from knik.audio.portaudio import PortAudioDevice
from knik.errors import KnikError
from tests.rig.analysis import sounds
from tests.rig.pulse import RATE, VirtualCard
from tests.rig.voices import spoken


@pytest.fixture
def here(card: VirtualCard, monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualCard]:
    """The card, for PortAudio inside this process."""
    import sounddevice

    for name in ("PULSE_SERVER", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, card.env[name])
    sounddevice._terminate()
    sounddevice._initialize()
    yield card
    sounddevice._terminate()
    sounddevice._initialize()


class Ears:
    """Collects what a device hears, and plays a tone."""

    def __init__(self) -> None:
        self.blocks: list[Samples] = []
        self.times: list[float] = []
        self.filled = 0
        self.tone = False

    def capture(self, block: Samples, at: float, _overflow: bool) -> None:
        self.blocks.append(block.copy())
        self.times.append(at)

    def fill(self, out: Samples, _at: float, _underflow: bool) -> None:
        t = (self.filled + np.arange(out.size)) / 48_000
        out[:] = 0.3 * np.sin(2 * np.pi * 440 * t) if self.tone else 0.0
        self.filled += out.size


@pytest.mark.parametrize("rate", [0, 16_000, 44_100, 48_000])
def test_what_is_said_is_recorded_at_any_rate(here: VirtualCard, rate: int) -> None:
    ears = Ears()
    device = PortAudioDevice(rate=rate)
    device.start(ears.capture, ears.fill)
    try:
        time.sleep(0.3)
        said = spoken("what time is it", rate=device.capture_rate)
        here.play(said, device.capture_rate)
        time.sleep(0.3)
    finally:
        device.stop()
    heard = sounds(np.concatenate(ears.blocks), device.capture_rate)
    assert heard[-1][1] - heard[0][0] == pytest.approx(said.size / device.capture_rate, abs=0.15)
    assert rate in (0, device.capture_rate)
    assert np.all(np.diff(ears.times) > -0.02)


def test_what_is_played_is_in_the_air_and_stops_with_the_device(here: VirtualCard) -> None:
    ears = Ears()
    with here.recording() as air:
        device = PortAudioDevice(capture=False)
        device.start(ears.capture, ears.fill)
        ears.tone = True
        time.sleep(0.6)
        started = time.monotonic()
        device.stop()
        assert time.monotonic() - started < 0.5
        calls = ears.filled
        time.sleep(0.3)
        (tone,) = sounds(air.speaker, RATE)
    assert ears.filled == calls
    assert tone[1] - tone[0] > 0.4


def test_devices_are_chosen_by_name_number_or_default(here: VirtualCard) -> None:
    assert here
    default = next(device for device in list_devices() if device.default_input)
    assert choose_device("input", "") == (default.index, default.name)
    assert choose_device("input", str(default.index)) == (default.index, default.name)
    assert choose_device("input", "DEFAU") == (default.index, default.name)
    with pytest.raises(KnikError, match="There is no speaker") as caught:
        choose_device("output", "defualt")
    assert "default" in caught.value.message
    assert caught.value.exit_code == 2


def test_a_callback_that_fails_is_silent_and_told(here: VirtualCard) -> None:
    assert here
    notices: list[str] = []
    told = threading.Event()

    def notice(text: str) -> None:
        notices.append(text)
        told.set()

    def broken(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    device = PortAudioDevice(on_notice=notice)
    device.start(broken, lambda *_: None)
    try:
        assert told.wait(5)
    finally:
        device.stop()
    assert "broken on purpose" in notices[0]


def test_a_sound_server_that_dies_is_told_and_the_sound_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sounddevice

    monkeypatch.setattr(portaudio, "SILENT_SECONDS", 0.6)
    notices: list[str] = []
    back = threading.Event()

    def notice(text: str) -> None:
        notices.append(text)
        if "back" in text:
            back.set()

    ears = Ears()
    with VirtualCard() as mortal, VirtualCard() as spare:
        for name in ("PULSE_SERVER", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, mortal.env[name])
        sounddevice._terminate()
        sounddevice._initialize()
        device = PortAudioDevice(on_notice=notice)
        device.start(ears.capture, ears.fill)
        try:
            time.sleep(0.4)
            mortal.kill()
            for name in ("PULSE_SERVER", "XDG_RUNTIME_DIR"):
                monkeypatch.setenv(name, spare.env[name])
            assert back.wait(15), notices
            count = len(ears.blocks)
            time.sleep(0.5)
            assert len(ears.blocks) > count + 20
        finally:
            device.stop()
            sounddevice._terminate()
            sounddevice._initialize()
    assert "Lost the sound device" in notices[0]


def test_the_rates_that_a_device_opens_at_are_found(
    here: VirtualCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    (default,) = [device for device in list_devices() if device.default_input]
    # PulseAudio resamples, so that it opens at any rate up to its own limit of 384 kHz.
    assert supported_rates(default) == RATES
    monkeypatch.setattr("knik.audio.choose.RATES", (48_000, 3_000_000))
    assert supported_rates(default) == (48_000,)
