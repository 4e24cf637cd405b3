"""Echo cancellers to compare, behind one call: 10 ms of the microphone and of the speaker in, 10 ms out."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples

Canceller = Callable[[Samples, Samples], Samples]
"""Takes (160,) of the microphone and of what was played meanwhile, 16 kHz; gives the microphone back."""

TAIL_SAMPLES = round(0.4 * SAMPLE_RATE)
"""Length of the filter of those that want to be told."""

PLATFORMS = {
    "Linux x86-64": ("manylinux", "x86_64"),
    "Linux arm64": ("manylinux", "aarch64"),
    "macOS": ("macosx", ""),
    "Windows": ("win", ""),
}

_OWN = frozenset({"numpy", "typing-extensions"})
"""What knik needs in any case."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A package with a canceller in it.

    Attributes:
        package: Its name on PyPI.
        make: Builds the canceller; raises ImportError or OSError where it is not installed.
        note: What else there is to know.
    """

    package: str
    make: Callable[[], Canceller]
    note: str = ""


def _pcm(frame: Samples) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    return (np.clip(frame, -1.0, 1.0) * 32767).astype("<i2")


def _samples(pcm: Any) -> Samples:
    return np.asarray(pcm, np.int16).astype(np.float32) / np.float32(32768)


def livekit(**features: bool) -> Canceller:
    """WebRTC's processing in Rust's wrapping, every 10 ms through a protocol buffer."""
    from livekit import rtc

    module = rtc.AudioProcessingModule(echo_cancellation=True, high_pass_filter=True, **features)

    def process(near: Samples, far: Samples) -> Samples:
        def frame(samples: Samples) -> Any:
            return rtc.AudioFrame(_pcm(samples).tobytes(), SAMPLE_RATE, 1, FRAME_SAMPLES)

        module.process_reverse_stream(frame(far))
        heard = frame(near)
        module.process_stream(heard)
        return _samples(np.frombuffer(heard.data, np.int16))

    return process


def pywebrtc_audio() -> Canceller:
    """WebRTC's AEC3 by pybind11."""
    module = importlib.import_module("pywebrtc_audio").AudioProcessor(
        sample_rate=SAMPLE_RATE, echo_cancellation=True, noise_suppression=False, auto_gain_control=False
    )
    return lambda near, far: np.asarray(module.process(near, far), np.float32)


def aec_audio_processing() -> Canceller:
    """WebRTC's AEC3 by SWIG."""
    module = importlib.import_module("aec_audio_processing").AudioProcessor(
        enable_aec=True, enable_ns=False, enable_agc=False
    )
    return _by_bytes(module)


def webrtc_audio_processing() -> Canceller:
    """WebRTC's processing of 2016, before AEC3, by SWIG."""
    module = importlib.import_module("webrtc_audio_processing").AudioProcessingModule(
        aec_type=2, enable_ns=False, agc_type=0
    )
    module.set_aec_level(2)
    module.set_system_delay(60)
    return _by_bytes(module)


def _by_bytes(module: Any) -> Canceller:
    module.set_stream_format(SAMPLE_RATE, 1)
    module.set_reverse_stream_format(SAMPLE_RATE, 1)

    def process(near: Samples, far: Samples) -> Samples:
        module.process_reverse_stream(_pcm(far).tobytes())
        return _samples(np.frombuffer(module.process_stream(_pcm(near).tobytes()), np.int16))

    return process


def pyaec() -> Canceller:
    """SpeexDSP's canceller with its preprocessor, in Rust's wrapping."""
    module = importlib.import_module("pyaec").Aec(FRAME_SAMPLES, TAIL_SAMPLES, SAMPLE_RATE, True)
    return lambda near, far: _samples(module.cancel_echo(_pcm(near), _pcm(far)))


def speexdsp_aec() -> Canceller:
    """The system's libspeexdsp by ctypes."""
    module = importlib.import_module("speexdsp_aec").SpeexAec(
        SAMPLE_RATE, frame_ms=10, filter_tail_ms=1000 * TAIL_SAMPLES // SAMPLE_RATE
    )
    return lambda near, far: _samples(np.frombuffer(module.process(_pcm(near), _pcm(far)), np.int16))


def speexdsp() -> Canceller:
    """The system's libspeexdsp by SWIG."""
    module = importlib.import_module("speexdsp").EchoCanceller.create(
        FRAME_SAMPLES, TAIL_SAMPLES, SAMPLE_RATE
    )

    def process(near: Samples, far: Samples) -> Samples:
        out = module.process(_pcm(near).tobytes(), _pcm(far).tobytes())
        return _samples(np.frombuffer(out, np.int16))

    return process


def voiceclean() -> Canceller:
    """Correlation and a spectral mask, in numpy; works on 40 ms at once."""
    module = importlib.import_module("voiceclean.aec").AEC(sample_rate=SAMPLE_RATE)
    waiting = np.zeros(0, np.float32)

    def process(near: Samples, far: Samples) -> Samples:
        nonlocal waiting
        module.feed_reference(_pcm(far).tobytes())
        came = _samples(np.frombuffer(module.process(_pcm(near).tobytes()), np.int16))
        waiting = np.concatenate([waiting, came])
        out = np.zeros(FRAME_SAMPLES, np.float32)
        out[: min(FRAME_SAMPLES, waiting.size)] = waiting[:FRAME_SAMPLES]
        waiting = waiting[FRAME_SAMPLES:]
        return out

    return process


def _not_here() -> Canceller:
    raise ImportError("no adapter")


CANDIDATES: Mapping[str, Candidate] = {
    "livekit": Candidate("livekit", livekit, "AEC3"),
    "livekit + NS": Candidate("livekit", lambda: livekit(noise_suppression=True), "AEC3, noise suppression"),
    "pywebrtc-audio": Candidate("pywebrtc-audio", pywebrtc_audio, "AEC3"),
    "aec-audio-processing": Candidate("aec-audio-processing", aec_audio_processing, "AEC3"),
    "webrtc-audio-processing": Candidate("webrtc-audio-processing", webrtc_audio_processing, "AEC of 2016"),
    "pyaec": Candidate("pyaec", pyaec, "SpeexDSP in the wheel"),
    "speexdsp": Candidate("speexdsp", speexdsp, "the system's SpeexDSP"),
    "speexdsp-aec": Candidate("speexdsp-aec", speexdsp_aec, "the system's SpeexDSP"),
    "voiceclean": Candidate("voiceclean", voiceclean, "numpy"),
    "pylocalvqe": Candidate("pylocalvqe", _not_here, "a neural network; Linux and Python 3.12 only"),
    "webrtc-apm": Candidate("webrtc-apm", _not_here, "AEC3; Windows only"),
}


def reason_not_here(package: str) -> str:
    """Why a candidate does not run: not installed, or no adapter for what is."""
    try:
        return f"version {metadata.version(package)} does not load"
    except metadata.PackageNotFoundError:
        return "not installed"


def installed_mib(package: str, seen: set[str] | None = None) -> float:
    """MiB on disk of the package and of what it brings that knik does not need without it."""
    seen = set() if seen is None else seen
    seen.add(package)
    found = metadata.distribution(package)
    paths = [Path(str(found.locate_file(file))) for file in found.files or ()]
    size = sum(path.stat().st_size for path in paths if path.is_file())
    for line in found.requires or ():
        name = line.split(";")[0].strip().split(" ")[0].split(">")[0].split("=")[0].split("<")[0]
        if ";" in line or name in seen or name in _OWN:
            continue
        size += round(2**20 * installed_mib(name, seen))
    return size / 2**20


def on_pypi(package: str) -> dict[str, str]:
    """What PyPI has of the package: version, date, licence, and the wheels by platform."""
    answer = httpx.get(f"https://pypi.org/pypi/{package}/json", timeout=20, follow_redirects=True)
    answer.raise_for_status()
    document = answer.json()
    files = document["urls"]
    wheels = [file["filename"] for file in files if file["packagetype"] == "bdist_wheel"]
    info = document["info"]
    facts = {
        "version": info["version"],
        "date": max((file["upload_time"][:10] for file in files), default=""),
        "licence": info.get("license_expression") or info.get("license") or "not stated",
    }
    for name, (system, processor) in PLATFORMS.items():
        fits = [w for w in wheels if f"-{system}" in w.replace("_musllinux", "") and processor in w]
        anywhere = any(w.endswith("-none-any.whl") for w in wheels)
        facts[name] = "any" if anywhere else _pythons(fits)
    return facts


def _pythons(wheels: list[str]) -> str:
    tags = sorted({wheel.split("-")[2] for wheel in wheels}, key=lambda tag: (len(tag), tag))
    if not tags:
        return "no"
    return tags[0] if len(tags) == 1 else f"{tags[0]}–{tags[-1]}"
