"""The house rules that a machine can check."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "knik"
GROUND = {"errors", "cancel"}
ALLOWED = {
    "audio": {"audio"},
    "engines": {"engines", "audio.frames"},
    "text": {"text"},
    "dialogue": {"dialogue", "text", "engines.protocols", "audio.frames", "audio.speech_events"},
    "session": {"session", "dialogue", "text", "engines", "audio", "trace", "config", "models"},
    "trace": {"trace"},
    "models": {"models", "config"},
    "config": {"config"},
    "bench": {"bench", "session", "text", "engines", "audio", "trace", "config", "models"},
    "doctor": {"doctor", "audio", "models", "config"},
    "cli": {
        "cli",
        "doctor",
        "bench",
        "session",
        "dialogue",
        "text",
        "engines",
        "audio",
        "trace",
        "config",
        "models",
    },
}
HEAVY = {
    "faster_whisper",
    "ctranslate2",
    "llama_cpp",
    "kokoro_onnx",
    "onnxruntime",
    "pocketsphinx",
    "sounddevice",
    "soundcard",
    "pulsectl",
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path, *, top_level: bool) -> list[str]:
    """The modules that a file imports, anywhere or only when it is imported itself."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped: set[ast.AST] = set()
    if top_level:
        for node in ast.walk(tree):
            is_body = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            is_typing = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            if is_body or is_typing:
                skipped |= set(ast.walk(node)) - {node}
    found: list[str] = []
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{name.name}" for name in node.names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_only_what_the_house_allows(path: Path) -> None:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if len(parts) == 1:
        return
    allowed = ALLOWED[parts[0]] | GROUND
    for name in imports(path, top_level=False):
        if not name.startswith("knik."):
            continue
        inner = name.removeprefix("knik.")
        if inner == "__version__":
            continue
        assert any(inner == a or inner.startswith(f"{a}.") for a in allowed), f"{parts[0]} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_engines_are_imported_only_when_they_are_loaded(path: Path) -> None:
    names = {name.split(".")[0] for name in imports(path, top_level=True)}
    assert not names & HEAVY


def test_help_starts_without_numpy_or_engines() -> None:
    code = (
        "import sys; from knik.cli.app import app\n"
        f"heavy = {sorted(HEAVY | {'numpy', 'pydantic', 'httpx'})!r}\n"
        "sys.exit(', '.join(name for name in heavy if name in sys.modules) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_sleeps_to_poll(path: Path) -> None:
    assert "time.sleep(" not in path.read_text("utf-8")
