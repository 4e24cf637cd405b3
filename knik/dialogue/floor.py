"""Whose turn it is to speak when the user speaks over the assistant.

The voice ducks at the first sign of speech, falls silent once it surely is speech, and waits for the
words: a backchannel or a noise lets it go on from the word at which it ducked, anything else ends its
turn. Silence comes first because nobody can be understood within the 200 ms after which a person falls
silent; it costs nothing when it was in vain but a short pause.
"""

from dataclasses import replace

from knik.audio.speech_events import UtteranceEnded
from knik.dialogue import actions as act
from knik.dialogue import wake
from knik.dialogue.backchannel import meaning
from knik.dialogue.state import Answer, Draft, State, Step, TurnConfig

BRIEF_WORDS = 100
"""Words that nobody says within a tenth of a second."""


def duck(config: TurnConfig, state: State) -> Step:
    """Somebody may be about to speak."""
    answer = state.answer
    if config.barge_in != "duck" or answer is None or not answer.audible:
        return state, ()
    if answer.voice != "free" or state.draft is not None:
        return state, ()
    return replace(state, answer=replace(answer, voice="ducked")), (act.Duck(answer.turn),)


def go_on(state: State) -> Step:
    """Nobody spoke after all."""
    answer = state.answer
    if answer is None or answer.voice == "free" or state.draft is not None:
        return state, ()
    return replace(state, answer=replace(answer, voice="free")), (act.Resume(answer.turn),)


def contest(config: TurnConfig, state: State, answer: Answer, start: int) -> Step:
    """Somebody speaks, from sample `start`, while `answer` is being given."""
    # While the words before are still unknown, those of now could not be weighed either: one
    # transcriber hears both, and it may be stuck.
    unheard = config.barge_in == "duck" and answer.text is None
    if config.barge_in == "stop" or unheard:
        state = replace(state, answer=None, draft=Draft(start))
        return state, (act.Finish(answer.turn, "interrupted", "the user spoke"),)
    state = replace(state, draft=Draft(start))
    if config.barge_in == "off":
        return state, ()
    return replace(state, answer=replace(answer, voice="held")), (act.Hold(answer.turn),)


def is_contested(config: TurnConfig, state: State) -> bool:
    """Whether the assistant waits to learn what the user wants."""
    return config.barge_in == "duck" and state.draft is not None and state.answer is not None


def bears(config: TurnConfig, state: State, text: str) -> bool:
    """Whether only `grace` is to be waited after `text` was heard, since it takes nobody's floor."""
    draft = state.draft
    return draft is not None and is_contested(config, state) and not _takes(config, draft, text)


def _takes(config: TurnConfig, draft: Draft, text: str) -> bool:
    """Whether the words end the assistant's turn; of what is hardly a voice, only commands do."""
    least = BRIEF_WORDS if draft.brief else config.min_words
    return meaning(text, least) == "interruption"


def heard(config: TurnConfig, state: State, text: str) -> Step:
    """The words over the assistant are known as far as they were spoken."""
    draft, answer = state.draft, state.answer
    if draft is None or draft.turn is None or answer is None:
        return state, ()
    turn, draft = draft.turn, replace(draft, text=text)
    if _takes(config, draft, text):
        finish = act.Finish(answer.turn, "interrupted", "the user spoke")
        state = replace(state, answer=None, draft=replace(draft, replied=True, taken=True))
        return state, (finish, wake.reply(config.wake, turn, text))
    if draft.ended is None:
        return replace(state, draft=draft), ()
    return give_back(replace(state, draft=draft))


def ended(config: TurnConfig, state: State, event: UtteranceEnded) -> Step:
    """The utterance over the assistant has ended."""
    draft = state.draft
    if draft is None:
        return state, ()
    if config.barge_in == "off":
        return replace(state, draft=None), ()
    if draft.text is not None:
        return give_back(state)
    if draft.turn is not None:
        return replace(state, draft=replace(draft, ended=event)), ()
    turn = state.next_turn
    draft = replace(draft, turn=turn, ended=event)
    return replace(state, next_turn=turn + 1, draft=draft), (act.Transcribe(turn, draft.start, event.at),)


def yielded(state: State) -> Step:
    """What the user said cannot be known: then the assistant is silent."""
    answer = state.answer
    finished: tuple[act.Action, ...] = ()
    if answer is not None:
        finished = (act.Finish(answer.turn, "interrupted", "the user spoke"),)
    return replace(state, answer=None, draft=None), finished


def give_back(state: State) -> Step:
    """The user did not want the floor: the assistant goes on."""
    draft = state.draft
    finished: tuple[act.Action, ...] = ()
    if draft is not None and draft.turn is not None:
        reason = "a backchannel" if draft.text else "nothing was said"
        finished = (act.Finish(draft.turn, "empty", reason),)
    state, resumed = go_on(replace(state, draft=None))
    return state, (*finished, *resumed)
