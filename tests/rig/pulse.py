"""A virtual sound card: a private PulseAudio whose microphone and speaker share one clock.

One null sink, the *air*, has two channels. The speaker is its left one, the microphone its right one,
each behind a remapped sink or source of its own. A single recording of the air's monitor therefore
holds what was said and what was answered, aligned to the sample.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import soundfile

from knik.audio.frames import Samples
from tests.rig.analysis import sounds

RATE = 48_000
INSTALL = "apt-get install -y --no-install-recommends pulseaudio pulseaudio-utils libasound2-plugins"
START_SECONDS = 10.0
# So much of a voice is with the server ahead of its time: a player that waits a moment for a core on a busy
# machine would leave a gap in a word. With 20 ms, three of ten pauses of 80 ms made a word another one.
PLAYED_AHEAD_MS = 1000
# When a card goes, the server moves its streams to a sink that is of the class of sound cards: to another
# card's speaker, and never into the air or into somebody's mouth.
MODULES = (
    "module-null-sink sink_name={name}air rate={rate} channels=2 norewinds=1",
    "module-remap-sink sink_name={name}spk master={name}air channels=1 channel_map=mono"
    " master_channel_map=front-left remix=no"
    ' sink_properties="device.class=sound device.description={name}speaker"',
    "module-remap-sink sink_name={name}voice master={name}air channels=1 channel_map=mono"
    " master_channel_map=front-right remix=no",
    "module-remap-source source_name={name}mic master={name}air.monitor channels=1 channel_map=mono"
    " master_channel_map=front-right remix=no source_properties=device.description={name}microphone",
)


class VirtualCard:
    """A context manager around one PulseAudio daemon in a folder of its own."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="knik-pulse-"))
        self._daemon: subprocess.Popen[bytes] | None = None
        self._modules: list[str] = []
        self._others: list[str] = []

    @property
    def env(self) -> dict[str, str]:
        """The environment in which programs find this sound card."""
        return {
            **os.environ,
            "PULSE_SERVER": f"unix:{self._folder}/pulse.sock",
            "XDG_RUNTIME_DIR": str(self._folder / "xdg"),
            "HOME": str(self._folder / "home"),
        }

    def __enter__(self) -> Self:
        assert shutil.which("pulseaudio"), f"the virtual sound card needs PulseAudio: {INSTALL}"
        for name in ("xdg", "home"):
            (self._folder / name).mkdir(mode=0o700)
        self._start_server()
        self.plug_in()
        return self

    def _start_server(self) -> None:
        server = f"module-native-protocol-unix auth-anonymous=1 socket={self._folder}/pulse.sock"
        command = ["pulseaudio", "--system=false", "--daemonize=no", "-n", "--exit-idle-time=-1"]
        command += ["--disable-shm=yes", "--use-pid-file=no", "-L", server]
        self._daemon = subprocess.Popen(
            command, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait_until_up()

    def plug_in(self, rate: int = RATE) -> None:
        """Put the card into the machine; 8000 Hz is a Bluetooth headset in a call."""
        self._modules = self._load("", rate)
        self.choose("")

    def plug_in_another(self, name: str) -> None:
        """Put another card beside it, whose sinks and sources begin with `name`."""
        self._others += self._load(name, RATE)

    def _load(self, name: str, rate: int) -> list[str]:
        modules = [module.format(name=name, rate=rate).split(" ") for module in MODULES]
        return [self.control("load-module", *module) for module in modules]

    def choose(self, name: str) -> None:
        """Make the card whose sinks and sources begin with `name` the default one."""
        self.control("set-default-sink", f"{name}spk")
        self.control("set-default-source", f"{name}mic")

    @property
    def speaker_rests(self) -> bool:
        """Whether a program has opened the speaker, but stopped its stream."""
        return "Corked: yes" in self.control("list", "sink-inputs")

    def wait_until_the_speaker_rests(self, patience: float = 40.0) -> None:
        """Fails after `patience` seconds."""
        deadline = time.monotonic() + patience
        while not self.speaker_rests:
            assert time.monotonic() < deadline, "the speaker never rested"
            time.sleep(0.1)

    def restart(self) -> None:
        """End the sound server and start it anew, with the card."""
        self.kill()
        self._modules, self._others = [], []
        self._start_server()
        self.plug_in()

    def unplug(self) -> None:
        """Pull the card out: whoever plays or records on it loses it at once."""
        while self._modules:
            self.control("unload-module", self._modules.pop())

    @contextmanager
    def frozen(self, *others: "subprocess.Popen[Any]") -> Iterator[None]:
        """The sound server hangs until the block ends; with `others`, as when the computer sleeps."""
        assert self._daemon is not None
        processes = (self._daemon, *others)
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                process.send_signal(signal.SIGCONT)

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            asked = subprocess.run(["pactl", "info"], env=self.env, capture_output=True, check=False)
            if asked.returncode == 0:
                return
            assert self._daemon is not None
            assert self._daemon.poll() is None, "pulseaudio ended at once"
            time.sleep(0.05)
        raise AssertionError("pulseaudio did not come up")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def kill(self) -> None:
        """End the daemon, as if the sound card had been pulled out."""
        if self._daemon is not None and self._daemon.poll() is None:
            self._daemon.terminate()
            self._daemon.wait(5)

    def control(self, *arguments: str) -> str:
        """Run pactl."""
        done = subprocess.run(["pactl", *arguments], env=self.env, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def join_the_speaker(self) -> None:
        """Let the microphone hear the speaker, as loud as what is said and at once; before it is opened.

        For minutes: PulseAudio's loopback takes more processor time with every second, and changes its delay.
        """
        self.control(
            "load-module", "module-remap-source", "source_name=open", "master=air.monitor", "channels=1",
            "channel_map=mono", "remix=yes", "source_properties=device.description=microphone",
        )  # fmt: skip
        self.control("set-default-source", "open")

    def open_the_speaker(self, delay_ms: int = 60) -> None:
        """Let the microphone hear the speaker, as on a laptop, from now on."""
        self.control(
            "load-module", "module-remap-source", "source_name=leak", "master=air.monitor", "channels=1",
            "channel_map=mono", "master_channel_map=front-left", "remix=no",
        )  # fmt: skip
        self.control(
            "load-module", "module-loopback", "source=leak", "sink=voice", f"latency_msec={delay_ms}"
        )

    def speak(self, samples: Samples, rate: int, sink: str = "voice") -> "subprocess.Popen[bytes]":
        """Say samples into the microphone, or play them on the sink "spk"; returns the player, which ends
        with them."""
        path = self._folder / f"say-{time.monotonic_ns()}.wav"
        soundfile.write(path, samples, rate)
        latency = f"--latency-msec={PLAYED_AHEAD_MS}"
        return subprocess.Popen(["paplay", "-d", sink, latency, str(path)], env=self.env)

    def play(self, samples: Samples, rate: int) -> None:
        """Say samples into the microphone and wait for their end."""
        assert self.speak(samples, rate).wait(120) == 0

    @contextmanager
    def recording(self, name: str = "") -> Iterator["AirRecording"]:
        """Record speaker and microphone of the card whose sinks begin with `name` until the block ends."""
        path = self._folder / f"air-{time.monotonic_ns()}.raw"
        with path.open("wb") as file:
            recorder = subprocess.Popen(
                ["parec", "-d", f"{name}air.monitor", f"--rate={RATE}", "--channels=2", "--format=float32le",
                 "--latency-msec=10"],
                env=self.env,
                stdout=file,
            )  # fmt: skip
            deadline = time.monotonic() + START_SECONDS
            while path.stat().st_size == 0:
                assert time.monotonic() < deadline, "parec records nothing"
                time.sleep(0.02)
            recording = AirRecording(path)
            try:
                yield recording
            finally:
                time.sleep(0.1)
                recorder.terminate()
                recorder.wait(5)


class AirRecording:
    """What was in the air, at 48 kHz, readable while it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _channels(self) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        data = np.fromfile(self._path, dtype="<f4")
        return data[: data.size // 2 * 2].reshape(-1, 2)

    def wait_for_the_speaker(self, patience: float = 10.0) -> None:
        """Until the assistant sounds, or `patience` seconds have passed."""
        deadline = time.monotonic() + patience
        while not sounds(self.speaker, RATE) and time.monotonic() < deadline:
            time.sleep(0.02)

    @property
    def speaker(self) -> Samples:
        """What the assistant played."""
        return self._channels()[:, 0]

    @property
    def microphone(self) -> Samples:
        """What was said to it."""
        return self._channels()[:, 1]


@contextmanager
def portaudio_on(card: VirtualCard) -> Iterator[None]:
    """Give this process's PortAudio the virtual card, and nothing else, until the block ends."""
    import sounddevice

    names = ("PULSE_SERVER", "XDG_RUNTIME_DIR", "HOME")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update({name: card.env[name] for name in names})
    # PortAudio reads the list of devices only when it is initialised.
    sounddevice._terminate()
    sounddevice._initialize()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
