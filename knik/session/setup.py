"""Builds a session's ears and rules from the configuration."""

from collections.abc import Callable
from functools import partial

from knik.audio.echo import AutoEcho, EchoCanceller
from knik.audio.endpointer import Endpointer, EndpointerConfig
from knik.audio.frames import SAMPLE_RATE
from knik.audio.processing import WebrtcModule
from knik.audio.suspicion import Suspicion
from knik.audio.vad import WebrtcVad, make_vad
from knik.config.schema import Audio, Chat, Config
from knik.dialogue.patience import PatienceConfig
from knik.dialogue.turns import TurnConfig
from knik.dialogue.wake import WakeConfig
from knik.engines.protocols import VoiceSettings
from knik.session.ears import Ears
from knik.session.session import SessionSettings

Notify = Callable[[str], None]
CHARS_PER_TOKEN = 3
"""A low guess for English; it only decides how much history fits."""


def session_settings(
    config: Config, *, push_to_talk: bool = False, may_sleep: bool = False
) -> SessionSettings:
    """How the conversation is held; who presses a key to talk is always let in.

    Args:
        config: The configuration.
        push_to_talk: Whether only the talk key starts and ends an utterance.
        may_sleep: Whether [wake] counts; nobody calls in a benchmark.
    """
    endpoint, wake = config.endpoint, config.wake
    sleeps = may_sleep and wake.enabled and not push_to_talk
    return SessionSettings(
        rules=TurnConfig(
            # Who presses a key wants the floor.
            barge_in="stop" if push_to_talk else config.barge_in.mode,
            min_words=config.barge_in.min_words,
            grace=config.barge_in.grace_ms / 1000,
            speculate=config.chat.speculate,
            max_utterance=config.endpoint.max_utterance_s * SAMPLE_RATE,
            patience=PatienceConfig(endpoint.finished_ms / 1000, endpoint.open_ms / 1000)
            if endpoint.adaptive
            else None,
            wake=WakeConfig(wake.phrase, wake.sleep_after_s * SAMPLE_RATE, wake.greeting) if sleeps else None,
        ),
        system=config.chat.system,
        history_chars=_history_chars(config.chat),
        voice=VoiceSettings(config.tts.voice, config.tts.speed, config.tts.language),
        reflexes=config.chat.reflexes,
        fillers=config.tts.fillers,
        duck_db=config.barge_in.duck_db,
    )


def _history_chars(chat: Chat) -> int:
    # The system prompt and the utterance need room, too.
    room = max(0, chat.context - chat.max_tokens) * 2 // 3
    return CHARS_PER_TOKEN * min(chat.history_tokens, room)


def _make_suspicion() -> Suspicion:
    return Suspicion(WebrtcVad(aggressiveness=1))


def processor_maker(audio: Audio) -> Callable[[], WebrtcModule] | None:
    """Builds what suppresses noise and controls the level, as chosen; None where neither is."""
    noise, gain = audio.noise_suppression == "on", audio.gain_control == "on"
    if not noise and not gain:
        return None
    return partial(WebrtcModule, noise_suppression=noise, auto_gain_control=gain, high_pass_filter=True)


def make_ears(
    config: Config, *, push_to_talk: bool = False, echo: bool = False, notify: Notify = lambda _: None
) -> Ears:
    """What hears, by the rules of the configuration.

    Args:
        config: The configuration.
        push_to_talk: Whether only the talk key starts and ends an utterance.
        echo: Whether the microphone may hear the speaker; then [audio] echo decides.
        notify: Told whether it does, in words for the user; ears thread.
    """
    endpoint, vad = config.endpoint, config.vad
    rules = EndpointerConfig(
        threshold=vad.threshold,
        release=max(0.05, vad.threshold - 0.15),
        onset=endpoint.onset_ms / 1000,
        pause=endpoint.pause_ms / 1000,
        silence=endpoint.silence_ms / 1000,
        preroll=endpoint.preroll_ms / 1000,
        min_speech=endpoint.min_speech_ms / 1000,
        max_utterance=float(endpoint.max_utterance_s),
    )
    cancellers: dict[str, Callable[[], EchoCanceller] | None] = {
        "auto": partial(AutoEcho, notify),
        "on": partial(AutoEcho, always=True),
        "off": None,
    }
    return Ears(
        None if push_to_talk else lambda: make_vad(vad.engine, vad.aggressiveness),
        Endpointer(rules),
        cancellers[config.audio.echo] if echo else None,
        processor_maker(config.audio),
        gain=10 ** (config.audio.input_gain_db / 20),
        make_suspicion=_make_suspicion if config.barge_in.mode == "duck" and not push_to_talk else None,
    )
