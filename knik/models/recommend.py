"""Which bundle suits a machine, and why."""

from dataclasses import dataclass

from knik.models.catalogue import Bundle, bundles, find
from knik.models.hardware import Hardware
from knik.models.predict import INT8_INSTRUCTIONS, Prediction, predict
from knik.models.probe import Speed

ENDURABLE = 1.85
"""Seconds to the first sound beyond which a bundle is not recommended: a conversation falls apart."""
SPARE = 1500
"""MB of memory that are left to everything else."""
ON_GPU = 1.2
"""Memory of a graphics card beside the weights that go there."""
ORDER = ("best", "balanced", "small")
"""Better answers first; "multilingual" is for those who ask for it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What is to be said of a bundle on a machine.

    Attributes:
        bundle: The bundle.
        megabytes: To download.
        prediction: On the processor alone.
        fits: Whether memory, disk and patience suffice.
        why: In a few words.
        recommended: Whether it is the one to take; at most one is.
    """

    bundle: Bundle
    megabytes: int
    prediction: Prediction
    fits: bool
    why: str
    recommended: bool = False


def recommend(hardware: Hardware, speed: Speed, *, context: int = 4096) -> list[Advice]:
    """Advice on every bundle, the better ones first."""
    ranked = sorted(bundles(), key=lambda b: ORDER.index(b.name) if b.name in ORDER else len(ORDER))
    advice = [_judge(bundle, hardware, speed, context) for bundle in ranked]
    best = next((a.bundle.name for a in advice if a.fits and a.bundle.name in ORDER), None)
    return [Advice(a.bundle, a.megabytes, a.prediction, a.fits, a.why, a.bundle.name == best) for a in advice]


def _judge(bundle: Bundle, hardware: Hardware, speed: Speed, context: int) -> Advice:
    stt, chat, tts = (find(name) for name in bundle.names)
    int8 = not hardware.instructions or bool(INT8_INSTRUCTIONS & set(hardware.instructions))
    prediction = predict(stt, chat, tts, speed, context=context, int8=int8)
    megabytes = stt.megabytes + chat.megabytes + tts.megabytes
    on_card = ON_GPU * (stt.parameters * 2 + chat.megabytes) + chat.kv_bytes * context / 1e6
    card = hardware.gpu is not None and hardware.gpu.memory >= on_card
    why = _objection(megabytes, prediction, hardware, card=card)
    if why:
        return Advice(bundle, megabytes, prediction, False, why)
    if card and hardware.gpu is not None:
        return Advice(bundle, megabytes, prediction, True, f"fits into {hardware.gpu.name}")
    praise = (
        f"first sound after about {prediction.first_sound:.1f} s, {prediction.memory / 1000:.1f} GB of memory"
    )
    return Advice(bundle, megabytes, prediction, True, praise)


def _objection(megabytes: int, prediction: Prediction, hardware: Hardware, *, card: bool) -> str:
    if prediction.memory + SPARE > hardware.memory:
        need, have = prediction.memory / 1000, hardware.memory / 1000
        return f"needs {need:.1f} GB of memory, and there are {have:.1f} GB for everything"
    if megabytes > hardware.disk:
        return f"needs {megabytes / 1000:.1f} GB on disk, and {hardware.disk / 1000:.1f} GB are free"
    if prediction.first_sound > ENDURABLE and not card:
        return f"too slow here: first sound after about {prediction.first_sound:.1f} s"
    return ""
