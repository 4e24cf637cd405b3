"""Finds a format that both a sound device and knik can do."""

from collections.abc import Callable, Sequence
from typing import Any

from knik.audio.choose import portaudio
from knik.errors import KnikError

FALLBACK_RATES = (48_000, 44_100, 16_000)
UNSUPPORTED = ((-9998,), (-9997,), (-9994,))
"""PortAudio's errors for a number of channels, a rate and a sample format that a device cannot do
(portaudio.h). After any other error, another format would fare no better."""


def open_in_some_format(
    make: Callable[[int, int], Any], rates: Sequence[int], most_channels: int, name: str
) -> Any:
    """A stream, made with the first rate in Hz and the fewest channels that the device can do.

    Args:
        make: Makes a stream of a rate and a number of channels.
        rates: To be tried before the usual ones.
        most_channels: That the device has.
        name: What people call it.

    Raises:
        KnikError: It knows no format that knik does.
        PortAudioError: It cannot be opened for another reason.
    """
    sd = portaudio()
    failure: Exception | None = None
    for rate in dict.fromkeys((*rates, *FALLBACK_RATES)):
        for channels in dict.fromkeys((1, min(2, most_channels), most_channels)):
            try:
                return make(rate, channels)
            except sd.PortAudioError as error:
                if error.args[1:2] not in UNSUPPORTED:
                    raise
                failure = error
    raise KnikError(
        f'The sound device "{name}" knows no format that knik does: {reason(failure)}.',
        "Choose another with --input or --output; knik devices lists them.",
    )


def reason(error: Exception | None) -> str:
    """The first, human line of a PortAudio error."""
    return str(error.args[0] if error is not None and error.args else error).split(" [")[0]
