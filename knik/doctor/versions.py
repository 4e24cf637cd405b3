"""Which versions of the engines and libraries are installed, without importing or starting any of them."""

import ctypes
import ctypes.util
import platform
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

PACKAGES = (
    "faster-whisper",
    "ctranslate2",
    "llama-cpp-python",
    "kokoro-onnx",
    "onnxruntime",
    "pocketsphinx",
)


def versions() -> dict[str, str | None]:
    """By name: the engines, the libraries below them, and Python; None for what is not installed."""
    from knik import __version__

    return {
        "knik": __version__,
        **{package: package_version(package) for package in PACKAGES},
        "espeak-ng": espeak(),
        "PortAudio": portaudio(),
        "Python": platform.python_version(),
    }


def package_version(name: str) -> str | None:
    """The version of an installed package; onnxruntime's builds for other processors count as it."""
    for candidate in (name, f"{name}-gpu", f"{name}-directml"):
        try:
            return metadata.version(candidate)
        except metadata.PackageNotFoundError:
            continue
    return None


def espeak() -> str | None:
    """The version of the espeak-ng library that espeakng-loader brings along."""
    try:
        from espeakng_loader import get_library_path

        library = ctypes.CDLL(get_library_path())
        # const char *espeak_Info(const char **path_data), speak_lib.h; it needs no initialisation.
        library.espeak_Info.restype = ctypes.c_char_p
        return str(library.espeak_Info(None).decode()).split(" ")[0]
    except (ImportError, OSError, AttributeError):
        return None


def portaudio() -> str | None:
    """The version of PortAudio, where sounddevice looks for it: in the system, then in its own wheel.

    Importing sounddevice would start PortAudio, which asks every sound system on the machine.
    """
    for path in (ctypes.util.find_library("portaudio"), _in_wheel()):
        try:
            library = ctypes.CDLL(path) if path else None
        except OSError:
            continue
        if library is not None:
            number = int(library.Pa_GetVersion())
            # portaudio.h, paMakeVersionNumber: a byte each.
            return ".".join(str(number >> shift & 0xFF) for shift in (16, 8, 0))
    return None


def _in_wheel() -> str | None:
    spec = find_spec("_sounddevice_data")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        ending = "dylib" if sys.platform == "darwin" else "dll"
        found = sorted(Path(place, "portaudio-binaries").glob(f"*.{ending}"))
        plain = [file for file in found if "asio" not in file.name]
        if plain:
            return str(plain[0])
    return None


def libsndfile() -> str | None:
    """The version of libsndfile that soundfile uses."""
    try:
        import soundfile
    except (ImportError, OSError):
        return None
    return str(soundfile.__libsndfile_version__)
