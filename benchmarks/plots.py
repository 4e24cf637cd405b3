"""Distributions as pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt


def cumulative(title: str, groups: Mapping[str, Mapping[str, Sequence[float]]], path: Path) -> None:
    """Draw the share of turns that were answered within a time, a panel a group, as PNG and SVG.

    Args:
        title: Above all.
        groups: Seconds by case, by group.
        path: Without its suffix.
    """
    figure, panels = plt.subplots(1, len(groups), figsize=(5 * len(groups), 4), sharey=True, squeeze=False)
    for panel, (name, cases) in zip(panels[0], groups.items(), strict=True):
        for case, seconds in cases.items():
            ordered = sorted(seconds)
            shares = [(i + 1) / len(ordered) for i in range(len(ordered))]
            panel.step([1000 * s for s in ordered], shares, where="post", label=case)
        panel.set(title=name, xlabel="ms from the end of speech to the first sound", xlim=(0, None))
        panel.grid(alpha=0.3)
        panel.legend(loc="lower right")
    panels[0][0].set_ylabel("share of turns")
    figure.suptitle(title)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    for suffix in (".png", ".svg"):
        figure.savefig(
            path.with_suffix(suffix), dpi=120, metadata={"Date": None} if suffix == ".svg" else None
        )
    plt.close(figure)
