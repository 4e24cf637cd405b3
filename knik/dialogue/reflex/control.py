"""Requests about the conversation itself."""

import re

from knik.dialogue.reflex.types import Answer, ChangeSpeed, EndSession, ReflexContext, StopSpeaking

_STOP = re.compile(
    r"(?:no )?(?:stop|wait|quiet|silence|be quiet|hush|shut up|enough|cancel|never mind|nevermind|pause"
    r"|hold on|stop (?:it|that|talking|speaking)|that's enough)(?: stop| wait)*"
)
_REPEAT = re.compile(
    r"(?:repeat(?: that| it)?|say (?:that|it) again|come again|pardon|what did you say|once more|again)"
)
_SLOWER = re.compile(
    r"(?:(?:speak|talk|go|a bit|a little|much)\s)*slower|slow down|(?:speak|talk) more slowly"
)
_FASTER = re.compile(
    r"(?:(?:speak|talk|go|a bit|a little|much)\s)*faster|speed up|(?:speak|talk) more quickly"
)
_NORMAL = re.compile(r"(?:speak|talk) (?:normally|at normal speed)|normal speed")
_GOODBYE = re.compile(
    r"(?:good ?bye|bye(?: bye)?|see you(?: later)?|good night|quit|exit|that(?:'s| is) all)"
)
_HELP = re.compile(r"(?:help|what can you do|what can i (?:say|ask)|who are you|what are you)")
_THANKS = re.compile(r"(?:thanks|thank you)(?: very much| a lot| so much)?")
_HELLO = re.compile(r"(?:hello|hi|hey|good (?:morning|afternoon|evening))(?: there| knik)?")

STEP = 1.25
SLOWEST, FASTEST = 0.5, 2.0
HELP = (
    "I am knik. I tell the time and the date, do sums, convert units and set timers. "
    "Say repeat that, slower, faster or stop at any time, and goodbye to end."
)


def answer(text: str, context: ReflexContext) -> Answer | None:
    """Answers when the whole utterance is one such request."""
    if _STOP.fullmatch(text):
        return Answer("", (StopSpeaking(),))
    if _REPEAT.fullmatch(text):
        return Answer(context.last_reply or "I have not said anything yet.")
    if _SLOWER.fullmatch(text):
        return _change(context.speed, context.speed / STEP, "slower")
    if _FASTER.fullmatch(text):
        return _change(context.speed, context.speed * STEP, "faster")
    if _NORMAL.fullmatch(text):
        return Answer("Back to normal.", (ChangeSpeed(1.0),))
    if _GOODBYE.fullmatch(text):
        return Answer("Goodbye.", (EndSession(),))
    if _HELP.fullmatch(text):
        return Answer(HELP)
    if _THANKS.fullmatch(text):
        return Answer("You are welcome.")
    if _HELLO.fullmatch(text):
        return Answer("Hello. What can I do for you?")
    return None


def _change(present: float, wanted: float, word: str) -> Answer:
    speed = min(FASTEST, max(SLOWEST, wanted))
    if speed == present:
        return Answer(f"I cannot speak any {word}.")
    return Answer(f"I will speak {word}.", (ChangeSpeed(speed),))
