"""The room in real time: the speaker's sound goes through an echo path into the microphone."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from knik.audio.frames import Samples
from tests.rig.pulse import RATE, VirtualCard
from tests.rig.room.echo_path import EchoPath, loudspeaker

BLOCK = RATE // 100


class Convolver:
    """Convolution with a fixed response, block by block (overlap-add)."""

    def __init__(self, response: Samples, block: int) -> None:
        self._block = block
        self._size = 1 << (block + response.size - 2).bit_length()
        self._spectrum = np.fft.rfft(response, self._size)
        self._tail = np.zeros(self._size, np.float32)

    def process(self, block: Samples) -> Samples:
        """The next block of the result, as long as `block`."""
        self._tail += np.fft.irfft(np.fft.rfft(block, self._size) * self._spectrum, self._size)
        out = self._tail[: self._block].copy()
        self._tail[: -self._block] = self._tail[self._block :]
        self._tail[-self._block :] = 0.0
        return out


@contextmanager
def open_room(card: VirtualCard, path: EchoPath) -> Iterator[None]:
    """Let the card's microphone hear its speaker through `path` until the block ends.

    PulseAudio's own buffers on the way there and back come on top of the path's delay. The clocks are
    PulseAudio's, so the path's drift has no part in it.
    """
    sound = [f"--rate={RATE}", "--format=float32le", "--latency-msec=10"]
    listen = ["parec", "-d", "air.monitor", "--channels=2", *sound]
    ear = subprocess.Popen(listen, env=card.env, stdout=subprocess.PIPE)
    speak = ["pacat", "-d", "voice", "--channels=1", *sound]
    mouth = subprocess.Popen(speak, env=card.env, stdin=subprocess.PIPE)
    thread = threading.Thread(target=_carry, args=(ear, mouth, path), name="room")
    thread.start()
    try:
        yield
    finally:
        ear.terminate()
        ear.wait(5)
        thread.join(5)
        mouth.wait(5)


def _carry(ear: "subprocess.Popen[bytes]", mouth: "subprocess.Popen[bytes]", path: EchoPath) -> None:
    assert ear.stdout is not None
    assert mouth.stdin is not None
    response = path.response(RATE) * np.float32(10 ** (path.gain_db / 20))
    delayed = np.concatenate([np.zeros(round(path.delay * RATE), np.float32), response])
    room = Convolver(delayed, BLOCK)
    try:
        while len(data := ear.stdout.read(8 * BLOCK)) == 8 * BLOCK:
            # The speaker is the left channel of what is in the air.
            heard = loudspeaker(np.frombuffer(data, "<f4")[::2], path.distortion)
            mouth.stdin.write(room.process(heard).astype("<f4").tobytes())
            mouth.stdin.flush()
    except BrokenPipeError:
        pass
    finally:
        mouth.stdin.close()
