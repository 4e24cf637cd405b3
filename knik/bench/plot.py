"""The distribution of each stage as PNG or SVG."""

from pathlib import Path

from knik.bench.results import Results
from knik.errors import KnikError


def draw(results: Results, path: Path) -> None:
    """Draw the share of measurements within a time, a line a stage, in the format of the path's ending.

    Raises:
        KnikError: matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise KnikError("Plots need matplotlib.", "Install it: uv sync --extra plots", exit_code=2) from error
    figure = Figure(figsize=(7, 4), layout="tight")
    panel = figure.subplots()
    for stage, values in results.stages().items():
        ordered = sorted(1000 * value for value in values)
        shares = [(i + 1) / len(ordered) for i in range(len(ordered))]
        panel.step(ordered, shares, where="post", label=stage)
    panel.set(
        title=f"knik bench: {results.mode}", xlabel="ms", ylabel="share of measurements", xlim=(0, None)
    )
    panel.grid(alpha=0.3)
    panel.legend()
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as error:
        raise KnikError(
            f"{path}: cannot be drawn ({error}).", "Give a name that ends in .png or .svg."
        ) from error
