"""The live panel: who speaks, what was said, and how long each stage took."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from knik.cli.keyboard import Keyboard
from knik.session.journal import Entry
from knik.session.session import Session, View
from knik.trace.stats import Summary, hidden, summarise, thrown_away
from knik.trace.turns import STAGES, Stage, TurnTrace

LABELS: dict[Stage, str] = {
    "endpoint": "endpoint",
    "stt": "STT",
    "first_token": "1st token",
    "first_clause": "1st clause",
    "first_audio": "1st audio",
    "total": "total",
}
PHASES = {
    "asleep": ("z", "dim"),
    "listening": ("●", "green"),
    "hearing": ("◉", "bold yellow"),
    "thinking": ("◌", "bold magenta"),
    "speaking": ("▶", "bold cyan"),
}
METER_CELLS = 16
QUIETEST_DB = -60.0
TABLE_WIDTH = 36


class ChatPanel:
    """Draws the session anew each time it is rendered; asks it for snapshots only, so drawing can
    never delay the sound.

    Args:
        session: The conversation.
        keyboard: Holds the line that is being typed.
    """

    def __init__(self, session: Session, keyboard: Keyboard) -> None:
        self._session = session
        self._keyboard = keyboard

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        view = self._session.view()
        width, height = options.max_width, options.height or console.size.height
        entries = self._session.journal.since(0)
        yield header(view, width)
        traces = self._session.tracer.finished
        rows = max(3, height - 11)
        yield Panel(
            conversation(entries, width - 4, rows), title="conversation", height=rows + 2, padding=(0, 1)
        )
        yield footer(view, traces, width)
        yield Text(f"> {self._keyboard.line}▏", no_wrap=True, overflow="ellipsis")


def header(view: View, width: int) -> Text:
    """One line: whose turn it is, and the level of the microphone."""
    mark, style = PHASES[view.phase]
    text = Text("knik ", style="bold").append(f"{mark} {view.phase:<10}", style)
    text.append_text(meter(view.level_db))
    builtin = [info.name for info in view.engines.values() if info.builtin]
    if builtin:
        text.append("  built-in; better: knik models download", "yellow")
    text.truncate(width, overflow="ellipsis")
    return text


def meter(level_db: float) -> Text:
    """The level as a bar, from -60 dBFS to 0."""
    full = full_cells(level_db)
    style = "red" if level_db > -3 else "green"
    return Text("█" * full, style).append("░" * (METER_CELLS - full), "dim")


def full_cells(level_db: float) -> int:
    """How many cells of the bar are full."""
    share = min(1.0, max(0.0, 1 - level_db / QUIETEST_DB))
    return round(share * METER_CELLS)


def conversation(entries: Sequence[Entry], width: int, rows: int) -> Text:
    """The newest lines of the conversation that fit."""
    lines: list[Text] = []
    heard = {entry.turn for entry in entries if entry.kind == "assistant"}
    for entry in entries[-4 * rows :]:
        if entry.kind == "clause" and entry.turn in heard:
            continue
        lines += wrapped(entry, width)
    return Text("\n").join(lines[-rows:])


def wrapped(entry: Entry, width: int) -> list[Text]:
    """An entry in lines of at most `width` cells."""
    name, style = {
        "user": ("you   ", "bold"),
        "assistant": ("knik  ", "cyan"),
        "clause": ("knik  ", "dim cyan"),
        "notice": ("  ·   ", "yellow"),
        "asleep": ("  z   ", "dim"),
        "awake": ("  ·   ", "green"),
        "error": ("  !   ", "bold red"),
    }[entry.kind]
    body = entry.text + (" … (cut off)" if entry.cut_off else "")
    lines: list[Text] = []
    current = ""
    for word in body.split():
        if current and cell_len(name) + cell_len(current) + 1 + cell_len(word) > width:
            lines.append(Text(name if not lines else " " * 6, style).append(current, style))
            current = word
        else:
            current = f"{current} {word}".strip()
    lines.append(Text(name if not lines else " " * 6, style).append(current, style))
    return lines


def footer(view: View, traces: Sequence[TurnTrace], width: int) -> Table:
    """Stages on the left, engines and health on the right."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=TABLE_WIDTH)
    grid.add_column(width=max(10, width - TABLE_WIDTH - 2))
    grid.add_row(stages(summarise(traces)), health(view, traces))
    return grid


def stages(summary: dict[Stage, Summary]) -> Table:
    """Milliseconds of each stage: last, median, 95th percentile."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    table.add_column("ms", width=10)
    for title in ("last", "median", "p95"):
        table.add_column(title, justify="right", width=7)
    for stage in STAGES:
        found = summary.get(stage)
        values = ("–",) * 3 if found is None else tuple(map(ms, (found.last, found.median, found.p95)))
        table.add_row(LABELS[stage], *values, style="bold" if stage == "total" else "")
    return table


def ms(seconds: float) -> str:
    """Seconds as whole milliseconds."""
    return f"{1000 * seconds:,.0f}"


def health(view: View, traces: Sequence[TurnTrace]) -> Text:
    """Engines, device, losses and what working ahead brought and cost, a line each."""
    lines = []
    for stage, label in (("transcription", "ears "), ("chat", "brain"), ("synthesis", "voice")):
        info = view.engines.get(stage)
        said = "loading…" if info is None else f"{info.name} {info.detail}"
        lines.append(Text(f"{label} ", "dim").append(said, "" if info and not info.builtin else "yellow"))
    lines.append(Text("sound ", "dim").append(view.device or "none"))
    lost = f"{view.dropped_frames} dropped, {view.underruns} underruns, {view.rejected} rejected"
    lines.append(Text("loss  ", "dim").append(lost, "red" if view.dropped_frames or view.underruns else ""))
    ahead = f"{ms(hidden(traces))} ms hidden a turn, {thrown_away(traces):.1f} s thrown away"
    lines.append(Text("ahead ", "dim").append(ahead))
    lines.append(Text("/help, Ctrl-C ends", "dim"))
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    text = Text("\n", no_wrap=True, overflow="ellipsis").join(lines)
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
