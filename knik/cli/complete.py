"""What Tab offers: models, voices and devices.

Each must answer at once, and whatever goes wrong means that nothing is offered: shells show no messages.
"""

import re
from collections.abc import Callable, Iterable

Offer = tuple[str, str]
"""What is inserted, and what it is."""

WORD = re.compile(r"[\w.-]+")
"""A name that no shell needs quotes for, and that bash does not part at a colon."""


def _silent(offers: Callable[[str], Iterable[Offer]]) -> Callable[[str], list[Offer]]:
    # No functools.wraps: Typer would take the parameters of what is wrapped.
    def offered(incomplete: str) -> list[Offer]:
        try:
            found = [offer for offer in offers(incomplete) if offer[0].startswith(incomplete)]
            # Zsh takes a colon for the end of the word, and Typer's way of quoting it does not help.
            return [(name, told.replace(": ", " - ").replace(":", "-")) for name, told in found]
        except Exception:  # noqa: BLE001 - see above
            return []

    return offered


@_silent
def models(_incomplete: str) -> Iterable[Offer]:
    """Models of the catalogue and bundles; as plain data, since checking it takes longer."""
    import tomllib
    from importlib import resources

    data = tomllib.loads(resources.files("knik.models").joinpath("catalogue.toml").read_text("utf-8"))
    for kind in ("bundle", "model"):
        for entry in data.get(kind, ()):
            yield entry["name"], entry["note"]


@_silent
def voices(incomplete: str) -> Iterable[Offer]:
    """Voices of the model in use, or else of espeak-ng; in a blend, the one that is being typed."""
    before, comma, _ = incomplete.rpartition(",")
    return [(before + comma + name, told) for name, told in _voices()]


def _voices() -> list[Offer]:
    import zipfile

    from knik.config.load import load
    from knik.models.locate import locate, models_dir

    config = load().config
    folder = locate("tts", config.tts.model, models_dir(config.models.dir))
    files = sorted(folder.glob("voices*")) if folder is not None and config.tts.engine != "espeak" else []
    if files:
        # An archive of NumPy, one member a voice; loading the engine would take seconds.
        return [(name.removesuffix(".npy"), "") for name in zipfile.ZipFile(files[0]).namelist()]
    from knik.engines.espeak import EspeakSynthesizer

    return [(voice.name, voice.language) for voice in EspeakSynthesizer().voices()]


@_silent
def microphones(_incomplete: str) -> Iterable[Offer]:
    """Names of the microphones, or numbers where a name would need quotes."""
    return _devices("inputs")


@_silent
def speakers(_incomplete: str) -> Iterable[Offer]:
    """The same for speakers."""
    return _devices("outputs")


def _devices(channels: str) -> list[Offer]:
    from knik.audio.choose import list_devices

    able = [device for device in list_devices() if getattr(device, channels)]
    return [
        (device.name if WORD.fullmatch(device.name) else str(device.index), device.name) for device in able
    ]
