"""A run as JSON and CSV, with everything that it depends on."""

import csv
import hashlib
import io
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from knik.bench.budget import Verdict
from knik.bench.results import Distribution, Measurement, Results, outliers
from knik.config.schema import Config

PACKAGES = (
    "knik",
    "faster-whisper",
    "ctranslate2",
    "llama-cpp-python",
    "kokoro-onnx",
    "onnxruntime",
    "jiwer",
)


def document(
    results: Results, config: Config, data: Path, models: Sequence[Path], verdicts: Sequence[Verdict]
) -> dict[str, Any]:
    """Everything, as JSON takes it; seconds throughout."""
    return {
        "mode": results.mode,
        "when": datetime.now().astimezone().isoformat(timespec="seconds"),
        "command": sys.argv[1:],
        "data": str(data.resolve()),
        "machine": {"cpu": _cpu(), "cores": os.cpu_count(), "os": platform.platform()},
        "versions": versions(),
        "engines": dict(results.engines),
        "models": {str(path): fingerprint(path) for path in models},
        "settings": config.model_dump(),
        "warm_up": dict(results.warm_up),
        "real_time_factor": results.real_time_factor,
        "wer": results.words.rate if results.words.length else None,
        "cer": results.characters.rate if results.characters.length else None,
        "words": asdict(results.words),
        "characters": asdict(results.characters),
        "stages": {stage: asdict(Distribution.of(values)) for stage, values in results.stages().items()},
        "outliers": [
            {"file": str(o.measurement.path), "stage": o.stage, "seconds": o.seconds, "cause": o.cause}
            for o in outliers(results)
        ],
        "budget": [{**asdict(v), "kept": v.kept} for v in verdicts],
        "skipped": [{"file": str(s.path), "why": s.why} for s in results.skipped],
        "files": [_file(measurement) for measurement in results.measurements],
    }


def table(results: Results) -> str:
    """One line a measurement, as CSV."""
    stages = list(results.stages())
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["file", "repeat", "audio", *stages, "wer", "heard"])
    for m in results.measurements:
        rate = f"{m.score.words.rate:.4f}" if m.score else ""
        writer.writerow(
            [m.path, m.repeat, f"{m.audio:.3f}", *(m.seconds.get(s, "") for s in stages), rate, m.heard]
        )
    return out.getvalue()


def versions() -> dict[str, str]:
    """Of the packages that are installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def fingerprint(path: Path) -> str:
    """SHA-256 of a model's files, a folder's in the order of their names."""
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _file(m: Measurement) -> dict[str, Any]:
    scored = {"wer": m.score.words.rate, "words": asdict(m.score.words)} if m.score else {}
    return {
        "file": str(m.path),
        "repeat": m.repeat,
        "audio": m.audio,
        "seconds": dict(m.seconds),
        "heard": m.heard,
        "reply": m.reply,
        "surroundings": asdict(m.surroundings),
        **scored,
    }


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
