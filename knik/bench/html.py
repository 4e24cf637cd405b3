"""A run as one self-contained page, with plots drawn in SVG."""

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WIDTH, HEIGHT, LEFT = 640, 240, 60
COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")
"""Paul Tol's bright scheme, which the colour-blind can tell apart."""
WATERFALL = ("endpoint", "stt", "first_clause", "first_audio")
MOST_TURNS = 20

STYLE = """body{font:15px system-ui;margin:2em auto;max-width:60em;padding:0 1em}
table{border-collapse:collapse}td,th{padding:.2em .7em;text-align:right}th:first-child,td:first-child
{text-align:left}svg{background:#fafafa;margin:.5em 0;max-width:100%}details{margin-top:2em}"""


def page(run: Mapping[str, Any]) -> str:
    """The page of a document of `knik.bench.document`."""
    parts = [
        f"<h1>knik bench: {html.escape(run['mode'])}</h1>",
        f"<p>{html.escape(run['when'])} · {html.escape(run['machine']['cpu'])}, "
        f"{run['machine']['cores']} cores · <code>knik {html.escape(' '.join(run['command']))}</code></p>",
        _stage_table(run),
        _cumulative(run),
    ]
    if run["mode"] == "turn":
        parts.append(_waterfall(run))
    if run["wer"] is not None:
        parts += [
            f"<p>Word error rate {run['wer']:.2%}, character error rate {run['cer']:.2%}</p>",
            _by_file(run),
        ]
    if any(condition["noise"] for condition in run.get("conditions", ())):
        parts.append(_by_snr(run))
    raw = html.escape(json.dumps(run, ensure_ascii=False, indent=1))
    parts.append(f"<details><summary>Everything, as JSON</summary><pre>{raw}</pre></details>")
    body = "\n".join(parts)
    head = f'<meta charset="utf-8"><title>knik bench</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en">{head}{body}</html>\n'


def _stage_table(run: Mapping[str, Any]) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("stage, ms", "n", "median", "p90", "p95", "p99", "max"))
    rows = "".join(
        f"<tr><td>{stage}</td><td>{d['count']}</td>"
        + "".join(f"<td>{1000 * d[key]:,.0f}</td>" for key in ("median", "p90", "p95", "p99", "maximum"))
        + "</tr>"
        for stage, d in run["stages"].items()
    )
    return f"<table><tr>{head}</tr>{rows}</table>"


def _cumulative(run: Mapping[str, Any]) -> str:
    """Share of measurements within a time, a line a stage."""
    most = 1000 * max(d["maximum"] for d in run["stages"].values()) or 1.0
    shapes = []
    for number, stage in enumerate(run["stages"]):
        values = sorted(1000 * f["seconds"][stage] for f in run["files"] if stage in f["seconds"])
        points = [(0.0, 0.0)]
        for i, value in enumerate(values, 1):
            points += [(value, (i - 1) / len(values)), (value, i / len(values))]
        path = " ".join(f"{_x(x / most):.1f},{_y(y):.1f}" for x, y in points)
        colour = COLOURS[number % len(COLOURS)]
        shapes.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
        shapes.append(_label(LEFT + 250, 60 + 15 * number, stage, colour))
    return _plot("Share of measurements within a time", shapes, f"{most:,.0f} ms", "100 %")


def _waterfall(run: Mapping[str, Any]) -> str:
    """The stages of each turn, one after the other, against what was waited in all."""
    turns = [f["seconds"] for f in run["files"] if "total" in f["seconds"]][:MOST_TURNS]
    most = max(max(sum(t.get(s, 0.0) for s in WATERFALL), t["total"]) for t in turns)
    height = (HEIGHT - 30) / len(turns)
    shapes = []
    for row, turn in enumerate(turns):
        start = 0.0
        for number, stage in enumerate(WATERFALL):
            length = turn.get(stage, 0.0)
            shapes.append(_bar(start / most, length / most, row * height, height * 0.8, COLOURS[number]))
            start += length
        x = _x(turn["total"] / most)
        y = row * height
        shapes.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y:.1f}" y2="{y + height * 0.8:.1f}" stroke="#000"/>'
        )
    shapes += [_label(LEFT + 60 + 110 * n, HEIGHT - 4, s, COLOURS[n]) for n, s in enumerate(WATERFALL)]
    title = "Stages of each turn; the black mark is the first sound: what lies beyond it was hidden"
    return _plot(title, shapes, f"{1000 * most:,.0f} ms", "")


def _by_file(run: Mapping[str, Any]) -> str:
    rates: dict[str, float] = {f["file"].rsplit("/", 1)[-1]: f["wer"] for f in run["files"] if "wer" in f}
    ordered = sorted(rates.items(), key=lambda item: -item[1])[:MOST_TURNS]
    most = max(1e-9, *(rate for _, rate in ordered)) if ordered else 1.0
    height = (HEIGHT - 20) / max(1, len(ordered))
    shapes = []
    for row, (name, rate) in enumerate(ordered):
        shapes.append(_bar(0.0, rate / most, row * height, height * 0.8, COLOURS[0]))
        shapes.append(_label(LEFT + 6, row * height + height * 0.6, f"{name} {rate:.0%}", "#000"))
    return _plot("Word error rate by file", shapes, f"{most:.0%}", "")


def _by_snr(run: Mapping[str, Any]) -> str:
    noises: dict[str, list[tuple[float, float]]] = {}
    for condition in run["conditions"]:
        if condition["noise"] and condition["wer"] is not None:
            noises.setdefault(condition["noise"], []).append((condition["snr_db"], condition["wer"]))
    points = [point for line in noises.values() for point in line]
    high = max(snr for snr, _ in points) or 1.0
    most = max(1e-9, max(rate for _, rate in points))
    shapes = []
    for number, (noise, line) in enumerate(noises.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{_x(snr / high):.1f},{_y(rate / most):.1f}" for snr, rate in sorted(line))
        shapes.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
        shapes.append(_label(WIDTH - 90, 16 + 15 * number, noise, colour))
    return _plot("Word error rate by signal-to-noise ratio", shapes, f"{high:g} dB", f"{most:.0%}")


def _plot(title: str, shapes: Iterable[str], right: str, top: str) -> str:
    axes = f'<path d="M{LEFT} 0V{HEIGHT - 20}H{WIDTH}" fill="none" stroke="#888"/>'
    ends: Sequence[str] = (
        _label(WIDTH - 60, HEIGHT - 4, right, "#555"),
        _label(LEFT - 10, HEIGHT - 4, "0", "#555"),
        _label(4, 12, top, "#555"),
    )
    inner = "".join((axes, *shapes, *ends))
    return f'<h3>{html.escape(title)}</h3><svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}">{inner}</svg>'


def _bar(start: float, length: float, y: float, height: float, colour: str) -> str:
    width = length * (WIDTH - LEFT)
    return (
        f'<rect x="{_x(start):.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
    )


def _label(x: float, y: float, text: str, colour: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="12" fill="{colour}">{html.escape(text)}</text>'


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT)


def _y(share: float) -> float:
    return (HEIGHT - 20) * (1 - share)
