"""What `knik models recommend` predicts against what is measured, on the full-size dummies.

Every set of models is loaded in a process of its own, where its engines are timed one by one, whole turns
are held in real time, and the process's memory is read. The probe runs before and after, as its user's would.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

from benchmarks.common import Row, arguments, report
from benchmarks.dialogue import recorded_lines
from benchmarks.engine_sets import EngineSet, open_engines
from benchmarks.latency import SETS, settings_of
from benchmarks.turns import knik_turns
from knik.audio.frames import SAMPLE_RATE
from knik.cancel import CancelToken
from knik.engines.protocols import Message, VoiceSettings
from knik.models.catalogue import ModelEntry, find
from knik.models.hardware import look
from knik.models.predict import CLAUSE, CLAUSE_SOUND, INT8_INSTRUCTIONS, UTTERANCE, Prediction, predict
from knik.models.probe import Speed, probe
from tests.rig.fullsize import models

CONTEXT = 4096
CLAUSE_TEXT = "Sure, it will be mostly sunny."
"""2.55 s of sound by the dummy; the figure is taken for the length that the prediction is for."""
CLAUSE_SECONDS = 2.55
QUESTION = "What is the weather like in the north today, and will it rain"
WITHIN = 0.3

LIKE = {
    "0.5b": find("qwen2.5-0.5b"),
    # The shape of Llama-3.2-1B, which is not in the catalogue.
    "1b": replace(find("qwen2.5-1.5b"), parameters=1236, kv_bytes=2 * 16 * 512 * 2),
    "fp32": find("kokoro-v1.0"),
    "int8": find("kokoro-v1.0-int8"),
}


def entries(name: str) -> tuple[ModelEntry, ModelEntry, ModelEntry]:
    """The dummies of a set as entries of a catalogue: the published models' shapes, their own sizes."""
    stt, chat, tts = SETS[name]
    files = models.llama_file(chat), models.kokoro_folder(tts)
    sizes = [_bytes(path) / 1e6 for path in files]
    return (
        find(stt),
        replace(LIKE[chat], megabytes=round(sizes[0])),
        replace(LIKE[tts], megabytes=round(sizes[1])),
    )


def _bytes(path: Path) -> int:
    return sum(f.stat().st_size for f in (path.rglob("*") if path.is_dir() else [path]) if f.is_file())


def child(name: str, turns: int) -> dict[str, float]:
    """Measure a set; runs in a process of its own."""
    engines = open_engines(settings_of(name), recorded_lines(turns))
    try:
        found = {
            "stt": _usual(lambda: _hear(engines)),
            "chat": _usual(lambda: _answer(engines)),
            "tts": _usual(lambda: _speak(engines)),
        }
        found["first sound"] = statistics.median(t.seconds["total"] for t in knik_turns(engines).values())
        found["memory"] = psutil.Process().memory_info().rss / 1e6
    finally:
        engines.close()
    return found


def _usual(case: Callable[[], float]) -> float:
    case()
    return statistics.median(case() for _ in range(5))


def _hear(engines: EngineSet) -> float:
    noise = np.random.default_rng(0).standard_normal(round(UTTERANCE * SAMPLE_RATE), np.float32) * 0.1
    began = time.perf_counter()
    engines.ear.transcribe(noise, CancelToken())
    return time.perf_counter() - began


def _answer(engines: EngineSet) -> float:
    """From the question, the rest being evaluated, to the words of a first clause."""
    chat, token = engines.chat, CancelToken()
    before = [Message("system", engines.config.chat.system)]
    chat.prefill(before, token)
    began = time.perf_counter()
    # The scripted model draws `TOKENS_PER_WORD` for each word.
    words = round(CLAUSE / 1.3)
    for number, _ in enumerate(chat.stream([*before, Message("user", QUESTION)], token), 1):
        if number == words:
            break
    return time.perf_counter() - began


def _speak(engines: EngineSet) -> float:
    began = time.perf_counter()
    for _ in engines.voice.synthesize(CLAUSE_TEXT, VoiceSettings(models.VOICE), CancelToken()):
        pass
    return (time.perf_counter() - began) * CLAUSE_SOUND / CLAUSE_SECONDS


def measured(name: str, turns: int) -> dict[str, float]:
    """`child` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.prediction", "--child", name, "--turns", str(turns)],
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def rows(name: str, turns: int) -> tuple[list[Row], list[Speed]]:
    """Predicted and measured, and their ratio, for a set."""
    int8 = bool(INT8_INSTRUCTIONS & set(look(Path.cwd()).instructions))
    before = probe()
    found = measured(name, turns)
    after = probe()
    speed = Speed((before.gflops + after.gflops) / 2, (before.gbytes + after.gbytes) / 2)
    said = predict(*entries(name), speed, context=CONTEXT, int8=int8)
    drawn = []
    for what, value in predicted(said).items():
        ratio = value / found[what]
        unit = "MB" if what == "memory" else "s"
        show = (lambda v: f"{v:,.0f} MB") if what == "memory" else (lambda v: f"{1000 * v:.0f} ms")
        notes = {"predicted": show(value), "predicted/measured": f"{ratio:.2f}"}
        drawn.append(Row(what, (found[what],), unit, group=name, notes=notes))
    return drawn, [before, after]


def predicted(said: Prediction) -> dict[str, float]:
    """The figures that can be measured, by the names that `child` gives them."""
    return {
        "stt": said.stt,
        "chat": said.chat,
        "tts": said.tts,
        # A file instead of a sound card has no buffers.
        "first sound": said.first_sound,
        "memory": float(said.memory),
    }


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    turns = 5 if options.quick else options.turns
    if options.child:
        print(json.dumps(child(options.child, turns)))
        return
    drawn: list[Row] = []
    speeds: list[Speed] = []
    for name in options.sets:
        some, seen = rows(name, turns)
        drawn += some
        speeds += seen
    probes = {"GFLOP/s": [round(s.gflops) for s in speeds], "GB/s": [round(s.gbytes) for s in speeds]}
    report("Predicted and measured", drawn, options.json, facts={"probe": probes})
    print(f"The probe saw {probes['GFLOP/s']} GFLOP/s and {probes['GB/s']} GB/s.")
    ratios = {f"{row.group}: {row.name}": float(row.notes["predicted/measured"]) for row in drawn}
    far = {case: ratio for case, ratio in ratios.items() if not 1 - WITHIN <= ratio <= 1 + WITHIN}
    print(f"All within {WITHIN:.0%}." if not far else f"Not within {WITHIN:.0%}: {far}")


if __name__ == "__main__":
    main()
