"""What the settings of a conversation follow from."""

from knik.config.load import load
from knik.session.setup import CHARS_PER_TOKEN, session_settings


def history_chars(**flags: object) -> int:
    keys = {f"chat.{name}": value for name, value in flags.items()}
    return session_settings(load(None, {}, keys).config).history_chars


def test_a_reply_looks_back_as_far_as_it_is_told_to() -> None:
    assert history_chars(history_tokens=1000) == 1000 * CHARS_PER_TOKEN


def test_what_the_context_cannot_hold_is_not_looked_back_at() -> None:
    assert history_chars(context=2048, max_tokens=548, history_tokens=5000) == 1000 * CHARS_PER_TOKEN
    assert history_chars(context=256, max_tokens=400) == 0
