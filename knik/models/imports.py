"""Takes a model that is on this machine already into the models folder."""

from pathlib import Path

from knik.errors import KnikError
from knik.models.catalogue import Kind, bundles, catalogue
from knik.models.choice import choose
from knik.models.download import check_space, copy
from knik.models.files import Progress, remember, sha256_of, telling

GGUF = b"GGUF"
"""How a GGUF file begins (ggml-org/ggml, docs/gguf.md)."""
WHISPER = ("model.bin", "config.json", "tokenizer.json")
"""Files that a CTranslate2 Whisper cannot do without; vocabulary and preprocessor settings may come along."""


def kind_of(path: Path) -> Kind:
    """What a model is for, by its files.

    Raises:
        KnikError: It is no model that knik could load.
    """
    if path.is_file():
        with telling(path), path.open("rb") as file:
            if file.read(len(GGUF)) == GGUF:
                return "chat"
        raise _no_model(path)
    if path.is_dir():
        names = {child.name for child in path.iterdir() if child.is_file()}
        if set(WHISPER) <= names:
            return "stt"
        if any(name.endswith(".onnx") for name in names) and any(n.startswith("voices") for n in names):
            return "tts"
    if not path.exists():
        raise KnikError(f"{path}: there is no such file or folder.", exit_code=2)
    raise _no_model(path)


def _no_model(path: Path) -> KnikError:
    return KnikError(
        f"{path}: is no model that knik knows to load.",
        f"A chat model is a GGUF file; a Whisper is a folder with {', '.join(WHISPER)}; "
        "a Kokoro is a folder with an .onnx and a voices file.",
        exit_code=2,
    )


def bring_in(
    path: Path, name: str, kind: Kind, folder: Path, progress: Progress, *, link: bool
) -> list[Path]:
    """Copy, or link, a model into the models folder under a name, and let "auto" mean it.

    The folder's lock has to be held.

    Raises:
        KnikError: The name is taken or no file name, the disk is full, or something is in the way.
    """
    if not name or Path(name).name != name or name.startswith("."):
        raise KnikError(f'"{name}" does not do as a name.', "Choose another: --name NAME", exit_code=2)
    if name in {*(entry.name for entry in catalogue()), *(bundle.name for bundle in bundles())}:
        raise KnikError(f'"{name}" is a name of the catalogue.', "Choose another: --name NAME", exit_code=2)
    pairs = _targets(path, name, kind, folder)
    for _, target in pairs:
        if target.exists() or target.is_symlink():
            raise KnikError(
                f"{target}: is there already.", f"Remove it (knik models remove {name}), or: --name NAME"
            )
    if not link:
        check_space(folder, sum(source.stat().st_size for source, _ in pairs))
    for source, target in pairs:
        sha256 = _place(source, target, progress, link=link)
        remember(folder, target.relative_to(folder).as_posix(), sha256)
    choose(folder, {kind: name})
    return [target for _, target in pairs]


def _targets(path: Path, name: str, kind: Kind, folder: Path) -> list[tuple[Path, Path]]:
    if path.is_file():
        suffix = "" if name.endswith(path.suffix) else path.suffix
        return [(path, folder / kind / f"{name}{suffix}")]
    return [(file, folder / kind / name / file.name) for file in sorted(path.iterdir()) if file.is_file()]


def _place(source: Path, target: Path, progress: Progress, *, link: bool) -> str:
    if not link:
        return copy(source, target, "", progress)
    with telling(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source.resolve())
        return sha256_of(target, progress)
