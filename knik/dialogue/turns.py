"""Turn-taking, decided by a pure function.

`step(config, state, event)` returns the next state and the actions that it asks for. There is no
clock, no thread and no I/O here: time arrives inside the events, as sample indices.

Two things can be under way at once. The *draft* is the user's utterance while the endpointer has not
ended it; it may carry a speculative turn, started at the first sign of silence and thrown away if
the user goes on. The *answer* is the turn whose utterance has ended: knik is thinking or speaking. Where
both are there, the user speaks over the assistant: see `knik.dialogue.floor`.
A turn id is never used twice, so whatever arrives late for a finished turn is recognised and dropped.

While knik sleeps (`knik.dialogue.wake`), utterances are transcribed as ever, but count as empty unless
they hold the wake phrase. It is awake once such an utterance has ended.
"""

from dataclasses import replace
from functools import singledispatch

from knik.audio.speech_events import (
    SpeechDismissed,
    SpeechPaused,
    SpeechRejected,
    SpeechResumed,
    SpeechStarted,
    SpeechSuspected,
    UtteranceEnded,
)
from knik.dialogue import actions as act
from knik.dialogue import floor, wake
from knik.dialogue.events import (
    Announced,
    Event,
    Failed,
    LastTurn,
    PlaybackFinished,
    PlaybackStarted,
    StopRequested,
    TimePassed,
    Transcribed,
    Typed,
)
from knik.dialogue.state import Answer, Draft, Phase, State, Step, TurnConfig, continues

__all__ = ["Answer", "Draft", "Phase", "State", "Step", "TurnConfig", "step"]

MAX_ANNOUNCEMENTS = 16
"""Announcements that may wait for a quiet moment; later ones push out the oldest."""


def step(config: TurnConfig, state: State, event: Event) -> Step:
    """Take one event; returns the next state and the actions to carry out, in order.

    Events about turns that are over leave everything as it is.
    """
    if state.ended:
        return state, ()
    if state.asleep:
        # Whoever speaks over an announcement does not speak to knik.
        config = replace(config, barge_in="off")
    return _step(event, config, state)


@singledispatch
def _step(event: object, config: TurnConfig, state: State) -> Step:  # noqa: ARG001
    raise TypeError(f"not an event of the dialogue: {event!r}")


@_step.register
def _speech_suspected(event: SpeechSuspected, config: TurnConfig, state: State) -> Step:  # noqa: ARG001
    return floor.duck(config, state)


@_step.register
def _speech_dismissed(event: SpeechDismissed, config: TurnConfig, state: State) -> Step:  # noqa: ARG001
    return floor.go_on(state)


@_step.register
def _speech_started(event: SpeechStarted, config: TurnConfig, state: State) -> Step:
    answer, draft = state.answer, state.draft
    if draft is not None:
        # An utterance whose words are still awaited goes on.
        return (state, ()) if draft.ended is None else _went_on(state, draft)
    if answer is None:
        return replace(state, draft=Draft(event.start)), ()
    if continues(config, answer, event.start):
        finish = act.Finish(answer.turn, "resumed", "the user went on talking")
        draft = Draft(answer.start, spoken_until=answer.speech_end)
        state = replace(state, answer=None, draft=draft, asleep=state.asleep or answer.woke)
        return state, (finish, act.Retract(answer.turn))
    return floor.contest(config, state, answer, event.start)


@_step.register
def _speech_paused(event: SpeechPaused, config: TurnConfig, state: State) -> Step:
    draft = state.draft
    if draft is None or draft.turn is not None:
        return state, ()
    if not floor.is_contested(config, state) and (state.answer is not None or not config.speculate):
        return state, ()
    turn = state.next_turn
    state = replace(state, next_turn=turn + 1, draft=replace(draft, turn=turn, text=None, brief=event.brief))
    return state, (act.Transcribe(turn, draft.start, event.at),)


@_step.register
def _speech_resumed(event: SpeechResumed, config: TurnConfig, state: State) -> Step:  # noqa: ARG001
    draft = state.draft
    return (state, ()) if draft is None or draft.turn is None else _went_on(state, draft)


def _went_on(state: State, draft: Draft) -> Step:
    finished: tuple[act.Action, ...] = ()
    if draft.turn is not None:
        finished = (act.Finish(draft.turn, "resumed", "the user went on talking"),)
    return replace(state, draft=draft.going_on()), finished


@_step.register
def _speech_rejected(event: SpeechRejected, config: TurnConfig, state: State) -> Step:
    draft = state.draft
    if draft is None:
        return state, ()
    if floor.is_contested(config, state):
        return floor.give_back(state)
    if draft.taken:
        # A short "no" that ended the assistant's turn is to be answered.
        return _utterance_ended(UtteranceEnded(event.at, draft.start, event.at), config, state)
    if draft.spoken_until is not None:
        # Only a noise after an utterance that had ended: it ends once more, with what it had said.
        return _utterance_ended(UtteranceEnded(event.at, draft.start, draft.spoken_until), config, state)
    dropped: tuple[act.Action, ...] = ()
    if draft.turn is not None:
        dropped = (act.Finish(draft.turn, "empty", "too short to be speech"),)
    return _idle(config, replace(state, draft=None), event.at, dropped)


@_step.register
def _utterance_ended(event: UtteranceEnded, config: TurnConfig, state: State) -> Step:
    draft = state.draft
    if draft is None:
        return state, ()
    if state.answer is not None:
        return floor.ended(config, state, event)
    state = replace(state, draft=None)
    if draft.turn is None:
        turn = state.next_turn
        answer = Answer(turn, draft.start, event.at, event.speech_end, None, forced=event.forced)
        state = replace(state, next_turn=turn + 1, answer=answer)
        return state, (act.Transcribe(turn, draft.start, event.at),)
    answer = Answer(draft.turn, draft.start, event.at, event.speech_end, draft.text, forced=event.forced)
    if draft.text is None:
        return replace(state, answer=answer), ()
    if not draft.text:
        return _nothing_said(config, state, draft.turn, event.at, "")
    asked = () if draft.replied else (wake.reply(config.wake, draft.turn, draft.text),)
    state, commit = _commit(state, answer)
    return state, (commit, *asked, act.Release(answer.turn))


def _commit(state: State, answer: Answer) -> tuple[State, act.Commit]:
    """Take the utterance of `answer`, whose words are known; whoever is answered is awake."""
    commit = act.Commit(answer.turn, answer.text or "", answer.at, answer.speech_end, answer.voiced)
    answer = replace(answer, woke=state.asleep)
    return replace(state, answer=answer, asleep=False, talked_at=answer.at), commit


def _nothing_said(config: TurnConfig, state: State, turn: int, at: int, reason: str) -> Step:
    finish = act.Finish(turn, "empty", reason or "nothing was said")
    return _idle(config, replace(state, answer=None), at, (finish,))


@_step.register
def _transcribed(event: Transcribed, config: TurnConfig, state: State) -> Step:
    text = wake.to_knik(config.wake, event.text.strip(), asleep=state.asleep)
    draft, answer = state.draft, state.answer
    if draft is not None and draft.turn == event.turn and draft.text is None:
        if answer is not None:
            return _and_ended(config, *floor.heard(config, state, text))
        state = replace(state, draft=replace(draft, text=text, replied=bool(text)))
        return state, ((wake.reply(config.wake, event.turn, text),) if text else ())
    if answer is None or answer.turn != event.turn or answer.text is not None:
        return state, ()
    if not text:
        return _nothing_said(config, state, event.turn, answer.at, event.rejected)
    state, commit = _commit(state, replace(answer, text=text))
    return state, (commit, wake.reply(config.wake, event.turn, text), act.Release(event.turn))


def _and_ended(config: TurnConfig, state: State, before: tuple[act.Action, ...]) -> Step:
    """Give the draft the end that it waited for, if the assistant no longer speaks."""
    draft = state.draft
    if draft is None or draft.ended is None or state.answer is not None:
        return state, before
    state = replace(state, draft=replace(draft, ended=None))
    state, actions = _utterance_ended(draft.ended, config, state)
    return state, (*before, *actions)


@_step.register
def _typed(event: Typed, config: TurnConfig, state: State) -> Step:
    state, finished = _drop_all(state, "the user typed")
    turn = state.next_turn
    answer = Answer(turn, event.at, event.at, event.at, event.text, voiced=False)
    state, commit = _commit(replace(state, next_turn=turn + 1), answer)
    return state, (*finished, commit, wake.reply(config.wake, turn, event.text), act.Release(turn))


@_step.register
def _stop_requested(event: StopRequested, config: TurnConfig, state: State) -> Step:
    state, finished = _drop_all(state, "the user asked for silence")
    return _idle(config, state, event.at, finished)


def _drop_all(state: State, reason: str) -> tuple[State, tuple[act.Action, ...]]:
    finished: list[act.Action] = []
    if state.draft is not None and state.draft.turn is not None:
        finished.append(act.Finish(state.draft.turn, "interrupted", reason))
    if state.answer is not None:
        finished.append(act.Finish(state.answer.turn, "interrupted", reason))
    return replace(state, draft=None, answer=None), tuple(finished)


@_step.register
def _announced(event: Announced, config: TurnConfig, state: State) -> Step:
    waiting = (*state.announcements, event.text)[-MAX_ANNOUNCEMENTS:]
    return _idle(config, replace(state, announcements=waiting), event.at, ())


@_step.register
def _last_turn(event: LastTurn, config: TurnConfig, state: State) -> Step:  # noqa: ARG001
    answer = state.answer
    if answer is None or answer.turn != event.turn:
        return state, ()
    return replace(state, answer=replace(answer, last=True)), ()


@_step.register
def _playback_started(event: PlaybackStarted, config: TurnConfig, state: State) -> Step:
    answer = state.answer
    if answer is None or answer.turn != event.turn:
        return state, ()
    # Somebody who speaks already may have thought better of it.
    asleep = state.asleep or (state.draft is None and wake.dismisses(config.wake, answer.text))
    return replace(state, answer=replace(answer, audible=True), asleep=asleep), ()


@_step.register
def _playback_finished(event: PlaybackFinished, config: TurnConfig, state: State) -> Step:
    answer = state.answer
    if answer is None or answer.turn != event.turn:
        return state, ()
    finish = act.Finish(answer.turn, "answered")
    asleep = state.asleep or wake.dismisses(config.wake, answer.text)
    state = replace(state, answer=None, asleep=asleep)
    if answer.last:
        return replace(state, ended=True), (finish, act.EndSession())
    return _and_ended(config, *_idle(config, state, event.at, (finish,)))


@_step.register
def _time_passed(event: TimePassed, config: TurnConfig, state: State) -> Step:
    if config.wake is None:
        return state, ()
    if state.answer is not None:
        return replace(state, talked_at=event.at), ()
    tired = event.at - state.talked_at >= config.wake.sleep_after
    return replace(state, asleep=state.asleep or (state.quiet and tired)), ()


@_step.register
def _failed(event: Failed, config: TurnConfig, state: State) -> Step:
    draft, answer = state.draft, state.answer
    finish = act.Finish(event.turn, "failed", event.message)
    if draft is not None and draft.turn == event.turn:
        if draft.ended is not None:
            state, yielded = floor.yielded(state)
            return _idle(config, state, draft.ended.at, (finish, *yielded))
        # The utterance goes on; the turn that it ends with tries again.
        return replace(state, draft=draft.going_on()), (finish,)
    if answer is not None and answer.turn == event.turn:
        return _and_ended(config, *_idle(config, replace(state, answer=None), answer.at, (finish,)))
    return state, ()


def _idle(config: TurnConfig, state: State, at: int, before: tuple[act.Action, ...]) -> Step:  # noqa: ARG001
    """Say what was waiting for a quiet moment, if this is one."""
    if state.draft is not None or state.answer is not None or not state.announcements:
        return state, before
    turn = state.next_turn
    text = " ".join(state.announcements)
    answer = Answer(turn, at, at, at, "", voiced=False)
    state = replace(state, next_turn=turn + 1, answer=answer, announcements=())
    return state, (*before, act.Say(turn, text), act.Release(turn))
