"""The sound devices, and what the sounding test means."""

from collections.abc import Iterator

from knik.audio.choose import choose_device, list_devices
from knik.audio.portaudio import PortAudioDevice
from knik.config.schema import Config
from knik.doctor.report import Finding
from knik.doctor.sound import CHIRPS, LISTEN_SECONDS, Heard, OnLevel, sound_out
from knik.errors import KnikError

DEAD = 1e-5
"""Amplitude (100 dB below full scale) that no microphone in the air stays under."""

OVERDRIVEN = 0.001
"""Share of samples at full scale."""

NOISY_DB = -35.0
"""Background above this comes near to a voice at arm's length, some 15 dB above it."""

MANY = 5
"""Gaps in the sound. Up to three are usual when a speaker starts (virtual card, seven tries)."""

LATE = 0.2
"""Seconds. Wired devices take 20 to 120 ms there and back; wireless ones more than this."""


def check_sound(
    config: Config, *, chirps: int = CHIRPS, seconds: float = LISTEN_SECONDS, on_level: OnLevel
) -> Iterator[Finding]:
    """The devices that the configuration means, then how they sound; see `sound_out`."""
    devices = list_devices()
    if not devices:
        remedy = (
            "Plug one in, or start the sound server: systemctl --user start pipewire pipewire-pulse. "
            "Without any there are knik chat --text and --input-wav"
        )
        yield Finding("sound", "devices", "failure", "no sound device was found", remedy)
        return
    chosen: dict[str, bool] = {}
    for kind, name, wanted in (
        ("input", "microphone", config.audio.input),
        ("output", "speaker", config.audio.output),
    ):
        try:
            index, found = choose_device(kind, wanted)
        except KnikError as error:
            chosen[kind] = False
            yield Finding("sound", name, "failure", error.message, error.remedy)
            continue
        chosen[kind] = True
        device = next(device for device in devices if device.index == index)
        facts: dict[str, object] = {"index": index, "name": found, "rate": device.rate}
        yield Finding("sound", name, "ok", f"{found} ({device.host_api}, {device.rate} Hz)", "", facts)
    if chosen["input"]:
        yield from _sounded(config, chosen["output"], chirps, seconds, on_level)


def _sounded(
    config: Config, speaker: bool, chirps: int, seconds: float, on_level: OnLevel
) -> Iterator[Finding]:
    audio = config.audio
    chirps = chirps if speaker else 0
    device = PortAudioDevice(
        audio.input,
        audio.output,
        rate=audio.rate,
        latency=audio.latency_ms / 1000,
        block=audio.block_ms / 1000,
        playback=chirps > 0,
    )
    try:
        heard = sound_out(device, seconds=seconds, chirps=chirps, on_level=on_level)
    except KnikError as error:
        yield Finding("sound", "test", "failure", error.message, error.remedy)
        return
    yield from judge(heard, config)


def judge(heard: Heard, config: Config) -> Iterator[Finding]:
    """What the numbers mean for who talks with knik."""
    yield _hearing(heard)
    latency_ms = config.audio.latency_ms
    gaps = heard.lost + heard.underruns
    if gaps > MANY:
        told = f"{heard.lost} blocks of the microphone lost, the speaker ran dry {heard.underruns} times"
        remedy = f"Give them more time: latency_ms = {2 * latency_ms} in [audio]"
        yield Finding("sound", "flow", "warning", told, remedy)
    if heard.chirped:
        yield _latency(heard, latency_ms)
        if not heard.unsure:
            yield _echo(heard, config.audio.echo)


def _hearing(heard: Heard) -> Finding:
    facts: dict[str, object] = {
        "background_db": round(heard.background_db, 1),
        "loudest_db": round(heard.loudest_db, 1),
        "peak": round(heard.peak, 4),
    }
    told = f"background {heard.background_db:.0f} dBFS, loudest {heard.loudest_db:.0f} dBFS"
    if heard.peak < DEAD:
        remedy = (
            "Unmute it in the system's sound settings; macOS has to allow the terminal to use it "
            "(Privacy & Security, Microphone)"
        )
        return Finding("sound", "level", "failure", "the microphone sends digital silence", remedy, facts)
    if heard.clipped > OVERDRIVEN:
        remedy = "Turn the microphone down in the system's sound settings"
        told = f"overdriven: {heard.clipped:.1%} of the samples are at full scale"
        return Finding("sound", "level", "warning", told, remedy, facts)
    if heard.background_db > NOISY_DB:
        remedy = "Go nearer to the microphone, or use a headset"
        return Finding("sound", "level", "warning", f"noisy: {told}", remedy, facts)
    return Finding("sound", "level", "ok", told, "", facts)


def _latency(heard: Heard, latency_ms: int) -> Finding:
    if heard.unsure:
        told = "the chirps came back at different delays: other programs keep this machine busy"
        remedy = "Close them, and try again: knik doctor"
        return Finding("sound", "latency", "warning", told, remedy, {"latency_ms": None})
    if heard.echo is None:
        told = "no loopback was heard: headphones, or the speaker is off or far away"
        remedy = "If you heard no chirps either, choose another speaker: knik doctor --output NAME"
        return Finding("sound", "latency", "ok", told, remedy, {"latency_ms": None})
    milliseconds = 1000 * heard.echo.delay
    facts: dict[str, object] = {"latency_ms": round(milliseconds, 1)}
    told = f"{milliseconds:.0f} ms from knik through the speaker and the microphone back to it"
    if heard.echo.delay > LATE:
        remedy = f"Use wired devices, or try latency_ms below {latency_ms} in [audio]"
        return Finding("sound", "latency", "warning", told, remedy, facts)
    return Finding("sound", "latency", "ok", told, "", facts)


def _echo(heard: Heard, setting: str) -> Finding:
    if heard.echo is None:
        told = "the microphone does not hear the speaker, so that there is no echo to cancel"
        return Finding("sound", "echo", "ok", told, "", {"echo_db": None})
    level = heard.echo.gain_db
    facts: dict[str, object] = {"echo_db": round(level, 1)}
    quieter = f"{abs(level):.0f} dB {'quieter' if level < 0 else 'louder'} than it was played"
    told = f"the microphone hears the speaker, {quieter}"
    if setting == "off":
        remedy = 'Set echo = "auto" in [audio], or wear headphones: knik would interrupt itself'
        return Finding("sound", "echo", "warning", f"{told}; echo is off", remedy, facts)
    return Finding("sound", "echo", "ok", f"{told}; the echo canceller takes it out", "", facts)
