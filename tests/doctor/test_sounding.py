"""What the numbers of the sounding test mean, and the test itself over the virtual sound card."""

from collections.abc import Iterator

import numpy as np
import pytest

from knik.audio.portaudio import PortAudioDevice
from knik.config.schema import Audio, Config
from knik.doctor.chirp import Echo
from knik.doctor.report import Finding
from knik.doctor.sound import Heard, sound_out
from knik.doctor.sounding import check_sound, judge
from tests.rig.pulse import RATE, VirtualCard, portaudio_on

QUIET_ROOM = Heard(levels=[-60.0] * 20 + [-20.0], peak=0.3, chirped=True)


def judged(heard: Heard, **audio: object) -> dict[str, Finding]:
    config = Config(audio=Audio.model_validate(audio))
    return {finding.name: finding for finding in judge(heard, config)}


def changed(**values: object) -> Heard:
    fields = {name: getattr(QUIET_ROOM, name) for name in QUIET_ROOM.__slots__}
    return Heard(**{**fields, **values})


def test_a_quiet_room_with_headphones_is_fine() -> None:
    found = judged(QUIET_ROOM)
    assert {finding.status for finding in found.values()} == {"ok"}
    assert "no loopback was heard" in found["latency"].told
    assert found["level"].facts["background_db"] == -60.0
    assert found["level"].facts["loudest_db"] == -20.0


def test_digital_silence_is_a_muted_microphone() -> None:
    level = judged(changed(peak=0.0, levels=[-120.0]))["level"]
    assert level.status == "failure"
    assert "Unmute" in level.remedy


@pytest.mark.parametrize(
    ("values", "word"), [({"clipped": 0.02}, "overdriven"), ({"levels": [-30.0]}, "noisy")]
)
def test_a_bad_level_is_a_warning(values: dict[str, object], word: str) -> None:
    level = judged(changed(**values))["level"]
    assert level.status == "warning"
    assert word in level.told
    assert level.remedy


def test_gaps_in_the_sound_ask_for_more_buffering() -> None:
    assert "flow" not in judged(changed(underruns=3))
    flow = judged(changed(lost=4, underruns=20), latency_ms=40)["flow"]
    assert flow.status == "warning"
    assert "latency_ms = 80" in flow.remedy


@pytest.mark.parametrize(("delay", "status"), [(0.05, "ok"), (0.35, "warning")])
def test_the_latency_is_told_and_a_long_one_is_a_warning(delay: float, status: str) -> None:
    latency = judged(changed(echo=Echo(delay, -12.0, 50.0)))["latency"]
    assert latency.status == status
    assert latency.facts["latency_ms"] == pytest.approx(1000 * delay)
    assert latency.told.startswith(f"{1000 * delay:.0f} ms")


@pytest.mark.parametrize(("setting", "status"), [("auto", "ok"), ("on", "ok"), ("off", "warning")])
def test_an_echo_matters_only_without_a_canceller(setting: str, status: str) -> None:
    echo = judged(changed(echo=Echo(0.05, -12.0, 50.0)), echo=setting)["echo"]
    assert echo.status == status
    assert "12 dB quieter" in echo.told


def test_chirps_that_do_not_agree_say_nothing_about_the_echo() -> None:
    found = judged(changed(unsure=True))
    assert found["latency"].status == "warning"
    assert "busy" in found["latency"].told
    assert "echo" not in found


def test_in_silence_there_is_nothing_to_say_about_latency_and_echo() -> None:
    assert set(judged(changed(chirped=False))) == {"level"}


@pytest.fixture
def laptop() -> Iterator[VirtualCard]:
    """A card whose microphone hears its speaker after 60 ms, in a room that is not quite silent."""
    with VirtualCard() as card:
        card.open_the_speaker(60)
        noise = 0.003 * np.random.default_rng(1).standard_normal(30 * RATE).astype(np.float32)
        room = card.speak(noise, RATE)
        with portaudio_on(card):
            yield card
        room.terminate()
        room.wait(5)


def test_the_way_through_speaker_and_microphone_is_measured(laptop: VirtualCard) -> None:
    levels: list[float] = []
    with laptop.recording() as air:
        heard = sound_out(PortAudioDevice(), seconds=0.5, on_level=levels.append)
    assert heard.echo is not None
    # The air itself takes 60 ms; the buffers of both ways come on top.
    assert 0.06 < heard.echo.delay < 0.3
    assert heard.echo.gain_db == pytest.approx(0.0, abs=1.5)
    assert 4 <= len(levels) <= 6
    assert heard.loudest_db == pytest.approx(20 * np.log10(0.003), abs=2)
    assert np.abs(air.speaker).max() == pytest.approx(0.25, abs=0.02)


def test_every_finding_of_a_laptop_is_fine(laptop: VirtualCard) -> None:
    found = {finding.name: finding for finding in check_sound(Config(), seconds=0.5, on_level=lambda _: None)}
    assert set(found) >= {"microphone", "speaker", "level", "latency", "echo"}
    assert {finding.status for name, finding in found.items() if name != "flow"} == {"ok"}, found
    assert isinstance(found["latency"].facts["latency_ms"], float)


def test_without_chirps_the_speaker_stays_silent(laptop: VirtualCard) -> None:
    with laptop.recording() as air:
        found = list(check_sound(Config(), chirps=0, seconds=0.5, on_level=lambda _: None))
    assert [finding.name for finding in found][:3] == ["microphone", "speaker", "level"]
    assert np.abs(air.speaker).max(initial=0.0) == 0.0


def test_a_device_that_does_not_exist_is_a_failure_with_its_remedy(laptop: VirtualCard) -> None:
    config = Config(audio=Audio(input="no such microphone"))
    found = list(check_sound(config, seconds=0.1, on_level=lambda _: None))
    assert [(finding.name, finding.status) for finding in found] == [
        ("microphone", "failure"),
        ("speaker", "ok"),
    ]
    assert found[0].remedy
