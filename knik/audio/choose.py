"""Which sound devices there are, and which one the user means."""

import ctypes
import ctypes.util
import difflib
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from knik.errors import KnikError

WORDS = {"input": "microphone", "output": "speaker"}


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A sound device as PortAudio sees it.

    Attributes:
        index: Its number, which `--input` and `--output` take.
        name: Its name.
        host_api: The system it belongs to, such as "ALSA".
        inputs: Channels it records.
        outputs: Channels it plays.
        rate: Its own sample rate in Hz.
        default_input: True for the default microphone.
        default_output: True for the default speaker.
    """

    index: int
    name: str
    host_api: str
    inputs: int
    outputs: int
    rate: int
    default_input: bool
    default_output: bool


_AlsaHandler = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)


# Takes what ALSA would print on the screen; what matters comes as an error too. ALSA keeps the pointer
# for the life of the process.
_IGNORE_ALSA = _AlsaHandler(lambda *_: None)


def _quiet_alsa() -> None:
    name = ctypes.util.find_library("asound")
    if name is not None:
        ctypes.CDLL(name).snd_lib_error_set_handler(_IGNORE_ALSA)


def portaudio() -> Any:
    """The sounddevice module; raises `KnikError` when PortAudio is not installed."""
    try:
        import sounddevice
    except (OSError, ImportError) as error:
        raise KnikError(
            f"Sound needs the PortAudio library, which is missing ({error}).",
            "Install it: sudo apt install libportaudio2, or brew install portaudio.",
        ) from error
    _quiet_alsa()
    return sounddevice


def rescan() -> None:
    """Find the devices that came and went: PortAudio lists them only when it starts.

    No stream may be open. While the sound system is down there are no devices, and no error.
    """
    sd = portaudio()
    with suppress(sd.PortAudioError):
        sd._terminate()
    with suppress(sd.PortAudioError):
        sd._initialize()


def list_devices() -> list[DeviceInfo]:
    """All sound devices; an empty list on a machine without any."""
    sd = portaudio()
    default_in, default_out = sd.default.device
    apis = sd.query_hostapis()
    return [
        DeviceInfo(
            index=index,
            name=device["name"],
            host_api=apis[device["hostapi"]]["name"],
            inputs=device["max_input_channels"],
            outputs=device["max_output_channels"],
            rate=round(device["default_samplerate"]),
            default_input=index == default_in,
            default_output=index == default_out,
        )
        for index, device in enumerate(sd.query_devices())
    ]


RATES = (16_000, 24_000, 44_100, 48_000, 96_000)
"""Hz that are asked for: knik hears at 16 kHz, speaks at 24 and plays at 48; cards have the others."""


def supported_rates(device: DeviceInfo) -> tuple[int, ...]:
    """Of `RATES`, those at which the device opens now in mono: its input, or else its output.

    A device that another program holds may refuse them all.
    """
    sd = portaudio()
    check = sd.check_input_settings if device.inputs else sd.check_output_settings
    found = []
    for rate in RATES:
        with suppress(sd.PortAudioError):
            check(device=device.index, channels=1, dtype="float32", samplerate=rate)
            found.append(rate)
    return tuple(found)


def choose_device(kind: str, wanted: str | int) -> tuple[int, str]:
    """Find the device that `wanted` means.

    Args:
        kind: "input" or "output".
        wanted: Its number, its name or a unique part of it in any case, or "" for the default.

    Returns:
        Its number and name.

    Raises:
        KnikError: There is none, or more than one fits.
    """
    able = [d for d in list_devices() if (d.inputs if kind == "input" else d.outputs) > 0]
    word = WORDS[kind]
    if not able:
        raise KnikError(
            f"No {word} was found.",
            "Plug one in and run knik devices; knik chat --text needs neither microphone nor speaker.",
        )
    if wanted == "":
        defaults = [d for d in able if (d.default_input if kind == "input" else d.default_output)]
        chosen = (defaults or able)[0]
        return chosen.index, chosen.name
    if str(wanted).isdecimal():
        found = [d for d in able if d.index == int(wanted)]
    else:
        name = str(wanted).casefold()
        found = [d for d in able if d.name.casefold() == name]
        found = found or [d for d in able if name in d.name.casefold()]
    if len(found) == 1:
        return found[0].index, found[0].name
    raise _not_found(word, wanted, able, found)


def _not_found(word: str, wanted: str | int, able: list[DeviceInfo], found: list[DeviceInfo]) -> KnikError:
    if found:
        names = ", ".join(f'{d.index} "{d.name}"' for d in found[:4])
        return KnikError(f'"{wanted}" fits more than one {word}: {names}.', "Use the number.", exit_code=2)
    near = difflib.get_close_matches(str(wanted), [d.name for d in able], 3, 0.3)
    names = ", ".join(f'"{name}"' for name in near or [d.name for d in able[:3]])
    return KnikError(f'There is no {word} "{wanted}"; there is {names}.', "See: knik devices", exit_code=2)
