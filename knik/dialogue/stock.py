"""Phrases that are spoken again and again and tell nothing about the user: their sound may be kept."""

from knik.dialogue.fillers import FILLERS

FAILURE = "Sorry, that did not work. The screen says why."

OPENERS = (
    "Hello!",
    "Hi!",
    "Hi there!",
    "Yes.",
    "Yes?",
    "No.",
    "Okay.",
    "Sure.",
    "Sure!",
    "Of course.",
    "Of course!",
    "Thank you.",
    "You are welcome.",
    "You're welcome!",
    "Goodbye.",
    "Goodbye!",
    "I do not know.",
    "I don't know.",
    "I'm sorry.",
    "Great question!",
    "The timers are off.",
    "Back to normal.",
    "I have not said anything yet.",
)
"""First clauses that chat models like, and fixed answers of the reflexes."""

STOCK = frozenset({*FILLERS, *OPENERS, *FAILURE.split(". ", 1), FAILURE})
