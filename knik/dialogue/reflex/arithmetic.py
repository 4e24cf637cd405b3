"""Arithmetic, spoken or in signs."""

import math
import re

from knik.dialogue.reflex.figures import NUMBER_WORDS, parse_number, say_number
from knik.dialogue.reflex.types import Answer, ReflexContext

_QUESTION = re.compile(
    r"^(?:what(?:'s| is| are)|how much (?:is|are)|calculate|compute|work out)\s+|\s*=+\s*$"
)
_SQUARE_ROOT = re.compile(r"(?:the )?square root of (.+)")
_PERCENT = re.compile(r"(.+?)\s?(?:percent|%) of (.+)")
_SQUARED = re.compile(r"(.+) (squared|cubed)")
_SPELLED = (
    ("to the power of", "^"),
    ("multiplied by", "*"),
    ("divided by", "/"),
    ("plus", "+"),
    ("minus", "-"),
    ("times", "*"),
    ("over", "/"),
    ("x", "*"),
)
_TOKEN = re.compile(r"\s*(?:(\d{1,15}(?:\.\d{1,9})?)|([-+*/^]))")
LARGEST = 1e15


def answer(text: str, context: ReflexContext) -> Answer | None:  # noqa: ARG001
    """Answers when the whole utterance is one calculation."""
    expression = _QUESTION.sub("", text)
    try:
        value = _special(expression)
        if value is None:
            value = _evaluate(expression)
    except ZeroDivisionError:
        return Answer("Nothing can be divided by zero.")
    except OverflowError:
        return Answer("That number is too large for me.")
    if value is None:
        return None
    return Answer(f"That is {say_number(value)}.")


def _special(text: str) -> float | None:
    if root := _SQUARE_ROOT.fullmatch(text):
        number = parse_number(root[1])
        return math.sqrt(number) if number is not None and number >= 0 else None
    if share := _PERCENT.fullmatch(text):
        percent, number = parse_number(share[1]), parse_number(share[2])
        return None if percent is None or number is None else percent * number / 100
    if power := _SQUARED.fullmatch(text):
        number = parse_number(power[1])
        return None if number is None else _power(number, 2 if power[2] == "squared" else 3)
    return None


def _evaluate(text: str) -> float | None:
    """The value of at least one operation on numbers, by the usual precedence; None if it is none."""
    signs = _in_signs(text)
    tokens: list[str] = []
    position = 0
    while position < len(signs):
        match = _TOKEN.match(signs, position)
        if match is None:
            return None
        tokens.append(match[1] or match[2])
        position = match.end()
    # Numbers and operators take turns, a number first and last.
    if len(tokens) < 3 or len(tokens) % 2 == 0:
        return None
    if any((token in "+-*/^") != bool(index % 2) for index, token in enumerate(tokens)):
        return None
    return _reduce([float(token) for token in tokens[::2]], tokens[1::2])


def _in_signs(text: str) -> str:
    """ "seven times eight" as "7 * 8"; unknown words stay and make the reader give up."""
    for words, sign in _SPELLED:
        text = re.sub(rf"(?<!\w){words}(?!\w)", f" {sign} ", text)
    parts: list[str] = []
    number: list[str] = []
    for word in [*text.split(), ""]:
        if word in NUMBER_WORDS or word.replace("-", " ").split(" ")[0] in NUMBER_WORDS:
            number.append(word)
            continue
        if number:
            value = parse_number(" ".join(number))
            parts.append(" ".join(number) if value is None else f"{value:.9f}".rstrip("0").rstrip("."))
            number = []
        parts.append(word)
    return " ".join(parts).strip()


def _reduce(values: list[float], operators: list[str]) -> float:
    for level in ("^", "*/", "+-"):
        index = 0
        while index < len(operators):
            if operators[index] in level:
                left, right = values[index], values.pop(index + 1)
                values[index] = _apply(operators.pop(index), left, right)
            else:
                index += 1
    return values[0]


def _apply(operator: str, left: float, right: float) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case _:
            return _power(left, right)


def _power(base: float, exponent: float) -> float:
    if base and abs(exponent * math.log10(abs(base))) > math.log10(LARGEST):
        raise OverflowError
    return float(base**exponent)
