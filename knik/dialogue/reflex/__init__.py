"""Simple requests, answered by rule at once and without a model.

One module an intent family, each with `answer(text, context) -> Answer | None` for a plain,
lower-case utterance. The first that knows the request answers.
"""

from collections.abc import Callable

from knik.dialogue.reflex import arithmetic, clock, control, timers, units
from knik.dialogue.reflex.plain import plain
from knik.dialogue.reflex.types import (
    Answer,
    CancelTimers,
    ChangeSpeed,
    Effect,
    EndSession,
    ReflexContext,
    SetTimer,
    StopSpeaking,
)

__all__ = [
    "Answer",
    "CancelTimers",
    "ChangeSpeed",
    "Effect",
    "EndSession",
    "ReflexContext",
    "SetTimer",
    "StopSpeaking",
    "respond",
]

_FAMILIES: tuple[Callable[[str, ReflexContext], Answer | None], ...] = (
    control.answer,
    clock.answer,
    timers.answer,
    units.answer,
    arithmetic.answer,
)

LONGEST = 120
"""Characters; nobody asks for the time in more."""


def respond(utterance: str, context: ReflexContext) -> Answer | None:
    """The answer to a simple request, or None when it is for the chat model."""
    if len(utterance) > LONGEST:
        return None
    text = plain(utterance)
    for family in _FAMILIES:
        answer = family(text, context)
        if answer is not None:
            return answer
    return None
