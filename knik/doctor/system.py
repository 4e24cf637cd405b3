"""The machine itself: libraries, processor, memory, disk, graphics card."""

import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

from knik.doctor.engines import Import
from knik.doctor.report import Finding
from knik.doctor.versions import espeak, libsndfile, portaudio
from knik.models.hardware import Hardware

VECTORS = ("avx2", "asimd")
"""What the engines' arithmetic needs to be quick: AVX2 on Intel and AMD, NEON (asimd) on ARM."""

LITTLE_MEMORY = 1_500
"""MB. The smallest models and the built-in engines take about half of it (docs/benchmarks/footprint.json)."""

LITTLE_DISK = 2_000
"""MB. The models that knik fetches by default weigh 1.6 GB."""


def check_libraries() -> Iterator[Finding]:
    """The C libraries that sound needs."""
    found = (
        ("PortAudio", portaudio(), "sudo apt install libportaudio2, or brew install portaudio"),
        ("espeak-ng", espeak(), "uv sync --reinstall-package espeakng-loader"),
        (
            "libsndfile",
            libsndfile(),
            "uv sync --reinstall-package soundfile, or sudo apt install libsndfile1",
        ),
    )
    for name, version, remedy in found:
        facts: dict[str, object] = {"version": version}
        if version is None:
            yield Finding("system", name, "failure", "missing", f"Install it: {remedy}", facts)
        else:
            yield Finding("system", name, "ok", version, "", facts)


def check_machine(machine: Hardware, folder: Path) -> Iterator[Finding]:
    """Python, processor, memory, and the disk that `folder`, which models go to, is on."""
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    yield Finding("system", "Python", "ok", f"{platform.python_version()} on {system}")
    yield _processor(machine)
    told = f"{_gb(machine.free)} of {_gb(machine.memory)} free"
    facts: dict[str, object] = {"total_mb": machine.memory, "free_mb": machine.free}
    if machine.free < LITTLE_MEMORY:
        remedy = "Close programs, or take small models: knik models recommend"
        yield Finding("system", "memory", "warning", told, remedy, facts)
    else:
        yield Finding("system", "memory", "ok", told, "", facts)
    told, facts = f"{_gb(machine.disk)} free for {folder}", {"free_mb": machine.disk}
    if machine.disk < LITTLE_DISK:
        remedy = "Make room, or let models lie elsewhere: dir in [models]"
        yield Finding("system", "disk", "warning", told, remedy, facts)
    else:
        yield Finding("system", "disk", "ok", told, "", facts)


def _processor(machine: Hardware) -> Finding:
    sets = " ".join(name.upper().replace("_", "-") for name in machine.instructions)
    told = f"{machine.cpu}, {machine.cores} core{'' if machine.cores == 1 else 's'}, {sets}".rstrip(", ")
    facts: dict[str, object] = {"cores": machine.cores, "instructions": list(machine.instructions)}
    if machine.instructions and not set(VECTORS) & set(machine.instructions):
        remedy = "Take the smallest models: knik models download small"
        return Finding("system", "processor", "warning", f"{told}; no AVX2, which models need", remedy, facts)
    return Finding("system", "processor", "ok", told, "", facts)


def check_gpu(machine: Hardware, engines: Mapping[str, Import]) -> Finding:
    """Which engines compute on the graphics card, if there is one."""
    able = gpu_engines(engines)
    facts: dict[str, object] = {"gpu": machine.gpu.name if machine.gpu else None, "engines": able}
    if machine.gpu is None and not able:
        return Finding(
            "system", "GPU", "ok", "none that engines could use; the processor computes", "", facts
        )
    name = machine.gpu.name if machine.gpu else "a graphics card"
    unable = [engine for engine in REMEDIES if engine not in able and engine in engines]
    if machine.gpu is None or not unable or platform.system() == "Darwin":
        told = f"{name}, used by {', '.join(able) or 'no engine'}"
        return Finding("system", "GPU", "ok", told, "", facts)
    told = f"{name}, which {' and '.join(unable)} cannot use"
    return Finding("system", "GPU", "warning", told, REMEDIES[unable[0]], facts)


REMEDIES = {
    "faster-whisper": "Install what CTranslate2 needs: pip install nvidia-cublas-cu12 nvidia-cudnn-cu12",
    "llama-cpp-python": 'Build it for CUDA: CMAKE_ARGS="-DGGML_CUDA=on" '
    "pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python llama-cpp-python",
}
"""By engine: how it learns to use an NVIDIA card. Kokoro always computes on the processor."""


def gpu_engines(engines: Mapping[str, Import]) -> list[str]:
    """The engines that say that they can compute on a graphics card of this machine."""
    return [
        package
        for package, said in engines.items()
        if said.facts.get("cuda_devices") or said.facts.get("gpu_offload")
    ]


def _gb(megabytes: int) -> str:
    return f"{megabytes / 1000:.1f} GB"
