"""Speech over the assistant: knik against the best-known framework's settings, on the same sounds.

The counts are taken in a simulated room with an echo, faster than real time; the latencies in the air of the
virtual sound card, where every buffer counts.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.barge_in_live import Heard, perform
from benchmarks.common import Row, arguments, report
from benchmarks.interruptions import Script, backchannels, bangs, interruptions, nothing
from benchmarks.overtalk import FRAMEWORK, KNIK, Overtalk, overtalk
from tests.rig.pulse import VirtualCard
from tests.rig.room.echo_path import EchoPath

CONTESTANTS: Mapping[str, Mapping[str, object]] = {"framework": FRAMEWORK, "knik": KNIK}
BUFFERS: Mapping[str, Mapping[str, object]] = {
    f"knik {latency}/{block}": {"audio.latency_ms": latency, "audio.block_ms": block}
    for latency, block in ((30, 10), (30, 5), (25, 5), (20, 5))
}
"""By buffering and block in milliseconds; for latencies only."""

GAP = 6.0
LIVE_GAP = 4.5
BANG_GAP = 4.0
PATIENCE = GAP - 1.5
"""Seconds within which an interruption must have ended the assistant's turn."""

HOUR = 3600.0


def found(script: Script, talk: Overtalk) -> int:
    """Interruptions that ended the turn under way."""
    return sum(talk.first("interrupted", at - 0.15, at + PATIENCE) is not None for at in script.at)


def own_stops(talk: Overtalk) -> int:
    """Turns that were ended although nobody spoke; the last one ends with the session."""
    return len([h for h in talk.of("interrupted") if h.detail != "the session ended"])


def counts(names: Sequence[str], quick: bool) -> list[Row]:
    """What was found and what was taken for something else."""
    number, hours = (20, 0.05) if quick else (100, 1.0)
    path = EchoPath()
    rows = []
    for name in names:
        settings = CONTESTANTS[name]
        for snr in (20.0, 10.0):
            script = interruptions(number, GAP, snr)
            talk = overtalk(script.near, path, settings)
            rows.append(_count(f"{name}: interruptions found, {snr:.0f} dB", found(script, talk), number))
        script = bangs(number, BANG_GAP, 20.0)
        rows.append(
            _count(f"{name}: stopped by bangs", own_stops(overtalk(script.near, path, settings)), number)
        )
        alone = overtalk(nothing(hours * HOUR, 20.0).near, path, settings)
        rows.append(_count(f"{name}: stopped by itself, {hours:g} h", own_stops(alone), 1))
        rows.append(_count(f"{name}: ducked for itself, {hours:g} h", len(alone.of("duck")), 1))
    return rows


def _count(name: str, value: int, of: int) -> Row:
    return Row(name, (float(value),), unit=f"of {of}" if of > 1 else "times", group="Counts, with echo")


def latencies(names: Sequence[str], quick: bool) -> list[Row]:
    """Seconds in the air, from the first voiced sample."""
    rows = []
    with VirtualCard() as card:
        for name in names:
            settings = {**CONTESTANTS, **BUFFERS}[name]
            spoken = _live(card, settings, interruptions(8 if quick else 16, LIVE_GAP, 20.0))
            rows += _row(f"{name}: ducked", [h.ducked for h in spoken])
            rows += _row(f"{name}: silent", [h.silent for h in spoken])
            listened = _live(card, settings, backchannels(4 if quick else 16, LIVE_GAP, 20.0))
            rows += _row(f"{name}: pause after a backchannel", [h.gap for h in listened])
    return rows


def _live(card: VirtualCard, settings: Mapping[str, object], script: Script) -> list[Heard]:
    air = perform(card, script, settings)
    print(f"underruns: {air.underruns}")
    return [air.after(at, at + LIVE_GAP - 1.0) for at in script.at]


def _row(name: str, values: Sequence[float | None]) -> list[Row]:
    seen = [value for value in values if value is not None]
    if not seen:
        return []
    notes = {"p95": f"{1000 * float(np.percentile(seen, 95)):.0f} ms", "of": str(len(values))}
    return [Row(name, tuple(seen), group="In the air, headphones", notes=notes)]


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--only", choices=["counts", "latencies"])
    parser.add_argument(
        "--contestants", nargs="+", default=list(CONTESTANTS), choices=[*CONTESTANTS, *BUFFERS]
    )
    options = parser.parse_args()
    counted = [name for name in options.contestants if name in CONTESTANTS]
    rows = [] if options.only == "latencies" else counts(counted, options.quick)
    rows += [] if options.only == "counts" else latencies(options.contestants, options.quick)
    report("Speech over the assistant", rows, options.json, facts={"framework": dict(FRAMEWORK)})


if __name__ == "__main__":
    main()
