"""Whether the engines can be imported, each tried in a process of its own: a library that was built for
another processor kills the process that imports it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from knik.config.schema import Config
from knik.doctor.report import Finding, Status
from knik.doctor.versions import package_version

IMPORT_SECONDS = 60.0
"""For an import from a slow disk on a busy machine."""

SOUND_SECONDS = 15.0
"""For the sound system, which answers at once or, where its server hangs, never."""

AT_ONCE = 2

PROGRAMS = {
    "faster-whisper": "import ctranslate2, faster_whisper\n"
    "facts = {'cuda_devices': ctranslate2.get_cuda_device_count(),"
    " 'cpu_types': sorted(ctranslate2.get_supported_compute_types('cpu'))}",
    "llama-cpp-python": "import llama_cpp\n"
    "facts = {'gpu_offload': bool(llama_cpp.llama_supports_gpu_offload()),"
    " 'built_for': llama_cpp.llama_print_system_info().decode()}",
    "kokoro-onnx": "import kokoro_onnx, onnxruntime\n"
    "facts = {'providers': onnxruntime.get_available_providers()}",
    "pocketsphinx": "import pocketsphinx\nfacts = {}",
    "espeakng-loader": "import ctypes, espeakng_loader\n"
    "ctypes.CDLL(espeakng_loader.get_library_path())\nfacts = {}",
    "livekit": "from livekit import rtc\nrtc.AudioProcessingModule(echo_cancellation=True)\nfacts = {}",
    "webrtcvad-wheels": "import webrtcvad\nfacts = {}",
    "sounddevice": "import sounddevice\nfacts = {'devices': len(sounddevice.query_devices())}",
}
"""What is run for each package; it leaves a dictionary in `facts`."""

USES = {
    "faster-whisper": "hears",
    "llama-cpp-python": "answers",
    "kokoro-onnx": "speaks",
    "pocketsphinx": "hears without a model",
    "espeakng-loader": "speaks without a model",
    "livekit": "cancels echo",
    "webrtcvad-wheels": "notices speech",
    "sounddevice": "opens sound devices",
}


@dataclass(frozen=True, slots=True)
class Import:
    """How the import of a package went.

    Attributes:
        package: Its name.
        version: Installed version, or None.
        error: Why it cannot be imported, or an empty string.
        facts: What it says of itself.
    """

    package: str
    version: str | None
    error: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def works(self) -> bool:
        return self.version is not None and not self.error


def imports() -> dict[str, Import]:
    """Try them all; takes about as long as the slowest few."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(PROGRAMS, pool.map(attempt, PROGRAMS), strict=True))


def attempt(package: str) -> Import:
    """Import one package in a process of its own."""
    version = package_version(package)
    if version is None:
        return Import(package, None)
    limit = SOUND_SECONDS if package == "sounddevice" else IMPORT_SECONDS
    program = f"import json, sys\n{PROGRAMS[package]}\nsys.stdout.write(json.dumps(facts))"
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Import(package, version, f"did not answer within {limit:.0f} s")
    if done.returncode < 0:
        return Import(package, version, f"crashes ({signal.strsignal(-done.returncode)})")
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return Import(package, version, lines[-1])
    return Import(package, version, facts=json.loads(done.stdout.splitlines()[-1]))


def check_engines(found: dict[str, Import], config: Config) -> Iterator[Finding]:
    """A finding for each package."""
    for package, result in found.items():
        use = USES[package]
        facts: dict[str, object] = {"version": result.version, "use": use, **result.facts}
        if result.works:
            yield Finding("engines", package, "ok", f"{result.version}, {use}", "", facts)
            continue
        told = "not installed" if result.version is None else f"{result.version}, {result.error}"
        yield Finding("engines", package, _status(package, config), told, _remedy(package, result), facts)


def _status(package: str, config: Config) -> Status:
    # All others come with knik, so that something is broken when they are not there.
    optional = package == "llama-cpp-python" and config.chat.engine != "llama"
    return "warning" if optional else "failure"


def _remedy(package: str, result: Import) -> str:
    if package == "llama-cpp-python":
        if result.version is None:
            return "For a chat model in knik itself: uv sync --extra llama, or pip install llama-cpp-python"
        return (
            "Build it for this machine: "
            "pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python llama-cpp-python"
        )
    if package == "sounddevice" and "PortAudio" in result.error:
        return "Install PortAudio: sudo apt install libportaudio2, or brew install portaudio"
    if package == "sounddevice":
        return "Restart the sound server, such as: systemctl --user restart pipewire pulseaudio"
    return (
        f"Install it anew: uv sync --reinstall-package {package}, or pip install --force-reinstall {package}"
    )
