"""A process that plays a tone through knik's device and tells when it hears one: `benchmarks.device_life`.

Lines on stdout: `at LEVEL` for every block of the microphone, `notice TEXT` for what the device tells;
`at` is in seconds of the monotonic clock, which all processes share. With --ask, it follows the default
devices as it does on macOS and Windows.
"""

import queue
import sys
import time

import numpy as np

from knik.audio.follow import SystemDefaults, follower
from knik.audio.frames import Samples
from knik.audio.portaudio import PLAYBACK_RATE, PortAudioDevice

PLAYED_HZ = 700


def main() -> None:
    """Run until stdout is closed."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    played = 0

    def capture(block: Samples, _at: float, _lost: bool) -> None:
        lines.put(f"{time.monotonic():.4f} {np.max(np.abs(block)):.4f}")

    def play(out: Samples, _at: float, _dry: bool) -> None:
        nonlocal played
        out[:] = 0.3 * np.sin(2 * np.pi * PLAYED_HZ * (played + np.arange(out.size)) / PLAYBACK_RATE)
        played += out.size

    device = PortAudioDevice(
        follower=SystemDefaults() if "--ask" in sys.argv else follower(),
        on_notice=lambda text: lines.put(f"notice {text}"),
    )
    device.start(capture, play)
    try:
        while True:
            print(lines.get(), flush=True)
    except BrokenPipeError:
        sys.stderr.close()
    finally:
        device.stop()


if __name__ == "__main__":
    main()
