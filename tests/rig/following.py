"""A process whose device follows the default as on macOS and Windows; ends with its input.

Lines on stdout: "opened" for each time that its speaker was opened, and what the device tells.
"""

import sys
from typing import Any

from knik.audio.follow import SystemDefaults
from knik.audio.frames import Samples
from knik.audio.portaudio import PortAudioDevice


class TellingDevice(PortAudioDevice):
    """Tells when it opens its streams."""

    def _open(self, choice: dict[str, str | int]) -> None:
        super()._open(choice)
        tell("opened")


def tell(text: str) -> None:
    print(text, flush=True)


def play(out: Samples, *_: Any) -> None:
    out[::20] = 0.3


def main() -> None:
    device = TellingDevice(follower=SystemDefaults(), on_notice=tell)
    device.start(lambda *_: None, play)
    sys.stdin.read()
    device.stop()


if __name__ == "__main__":
    main()
