"""What this machine has: cores, instructions, memory, graphics card, disk."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TELLING = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimd", "asimddp", "i8mm")
"""Instruction sets that the engines' arithmetic depends on, by their names in /proc/cpuinfo."""
ASKING = 3.0
"""Seconds that nvidia-smi gets; a driver in trouble can keep it for minutes."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics card that the engines could use.

    Attributes:
        name: As the driver calls it.
        memory: MB of its own, 0 where it shares the machine's.
    """

    name: str
    memory: int


@dataclass(frozen=True, slots=True)
class Hardware:
    """A machine.

    Attributes:
        cpu: Its processor's name.
        cores: Physical cores that this process may use.
        instructions: Of `TELLING`, those it has; empty where the system does not tell.
        memory: MB in all.
        free: MB that programs could get now.
        disk: MB free where models go.
        gpu: The first graphics card, or None.
    """

    cpu: str
    cores: int
    instructions: tuple[str, ...]
    memory: int
    free: int
    disk: int
    gpu: Gpu | None


def look(folder: Path) -> Hardware:
    """Look at this machine; `folder` is where models go and need not exist."""
    import psutil

    memory = psutil.virtual_memory()
    name, flags = _processor()
    return Hardware(
        cpu=name,
        cores=cores(),
        instructions=tuple(flag for flag in TELLING if flag in flags),
        memory=memory.total // 1_000_000,
        free=memory.available // 1_000_000,
        disk=free_megabytes(folder),
        gpu=gpu(),
    )


def cores() -> int:
    """Physical cores that this process may use, at least one."""
    import psutil

    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed))


def free_megabytes(folder: Path) -> int:
    """Room on the disk of a folder that need not exist yet."""
    return shutil.disk_usage(standing(folder)).free // 1_000_000


def standing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


@cache
def gpu() -> Gpu | None:
    """An NVIDIA card by its driver, or Apple's; whether the engines were built for it is another matter."""
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return Gpu("Apple GPU", 0)
    try:
        told = subprocess.run(
            ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=ASKING,
            check=True,
        )
        name, memory = told.stdout.splitlines()[0].rsplit(",", 1)
        return Gpu(name.strip(), round(int(memory) * 1.048576))
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def _processor() -> tuple[str, frozenset[str]]:
    """Name and instruction sets, from /proc/cpuinfo where there is one."""
    name, flags = platform.processor() or platform.machine(), frozenset[str]()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return name, flags
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            name = value.strip()
        elif key.strip() in ("flags", "Features"):
            flags = frozenset(value.split())
            break
    return name, flags
