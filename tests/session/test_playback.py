"""The gate before the speaker, fed block by block as a device would."""

import threading

import numpy as np
import pytest

from knik.audio.frames import Samples
from knik.cancel import Cancelled, CancelToken
from knik.dialogue.heard import heard_text
from knik.engines.trim import trim_silence
from knik.session import playback as playback_module
from knik.session.gauge import WorkGauge
from knik.session.playback import Playback, PlaybackNote, Sound

RATE = 16_000
BLOCK = 160


class Speaker:
    """A playback gate and the blocks that came through it."""

    def __init__(self) -> None:
        self.notes: list[PlaybackNote] = []
        self.gate = Playback(self.notes.append, WorkGauge())
        self.time = 0.0

    def sound(self, turn: int = 1) -> tuple[Sound, CancelToken]:
        token = CancelToken()
        return self.gate.sound(turn, RATE, token), token

    def play(self, blocks: int) -> Samples:
        heard = []
        for _ in range(blocks):
            out = np.full(BLOCK, 9.0, np.float32)
            self.gate.fill(out, self.time, False)
            self.time += BLOCK / RATE
            heard.append(out)
        return np.concatenate(heard)


def tone(samples: int) -> Samples:
    return np.full(samples, 0.5, np.float32)


def test_sound_waits_for_release() -> None:
    speaker = Speaker()
    sound, _ = speaker.sound()
    sound.push(tone(800))
    assert not speaker.play(3).any()
    speaker.gate.release(sound)
    assert np.array_equal(speaker.play(5), tone(800))


def test_a_killed_turn_fades_within_the_ramp_and_never_comes_back() -> None:
    speaker = Speaker()
    sound, token = speaker.sound()
    sound.push(tone(1600))
    speaker.gate.release(sound)
    speaker.play(2)
    token.cancel()
    after = speaker.play(10)
    ramp = round(playback_module.RAMP_SECONDS * RATE)
    assert np.all(np.diff(after[:ramp]) < 0)
    assert not after[ramp:].any()
    with pytest.raises(Cancelled):
        sound.push(tone(100))


def test_a_killed_turn_that_was_not_yet_heard_makes_no_sound_at_all() -> None:
    speaker = Speaker()
    sound, token = speaker.sound()
    sound.push(tone(1600))
    speaker.gate.release(sound)
    token.cancel()
    assert not speaker.play(5).any()


def test_the_first_audible_sample_is_reported_where_it_lies() -> None:
    speaker = Speaker()
    sound, _ = speaker.sound()
    sound.push(np.zeros(200, np.float32))
    sound.push(np.concatenate([np.zeros(50, np.float32), tone(300)]))
    sound.close()
    speaker.gate.release(sound)
    speaker.play(6)
    started, finished = speaker.notes
    assert (started.kind, finished.kind) == ("started", "finished")
    assert started.stream_time == pytest.approx(250 / RATE)
    assert finished.stream_time == pytest.approx(550 / RATE)


def test_a_turn_without_sound_finishes_too() -> None:
    speaker = Speaker()
    sound, _ = speaker.sound()
    sound.close()
    speaker.gate.release(sound)
    speaker.play(1)
    assert [note.kind for note in speaker.notes] == ["finished"]


def test_starving_in_the_middle_counts_as_underrun_and_silence_before_the_start_does_not() -> None:
    speaker = Speaker()
    sound, _ = speaker.sound()
    speaker.gate.release(sound)
    speaker.play(4)
    assert speaker.gate.underruns == 0
    sound.push(tone(BLOCK))
    speaker.play(3)
    assert speaker.gate.underruns == 2


def test_heard_seconds_follow_the_devices_clock_inside_a_block() -> None:
    speaker = Speaker()
    sound, _ = speaker.sound()
    sound.push(tone(1600))
    speaker.gate.release(sound)
    speaker.play(3)
    last_block_at = 2 * BLOCK / RATE
    assert speaker.gate.heard_seconds(sound, last_block_at) == pytest.approx(0.02)
    assert speaker.gate.heard_seconds(sound, last_block_at + 0.004) == pytest.approx(0.024)
    assert speaker.gate.heard_seconds(sound, last_block_at + 5) == pytest.approx(0.03)
    assert speaker.gate.heard_seconds(sound, last_block_at - 0.015) == pytest.approx(0.005)
    assert speaker.gate.heard_seconds(sound, last_block_at - 5) == 0.0


def test_synthesis_far_ahead_waits_for_the_speaker_and_cancellation_frees_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(playback_module, "AHEAD_SECONDS", 0.01)
    speaker = Speaker()
    sound, token = speaker.sound()
    outcome: list[str] = []

    def synthesise() -> None:
        try:
            sound.push(tone(1600))
            outcome.append("went on")
        except Cancelled:
            outcome.append("cancelled")

    thread = threading.Thread(target=synthesise)
    thread.start()
    thread.join(0.05)
    assert thread.is_alive()
    token.cancel()
    thread.join(5)
    assert outcome == ["cancelled"]


def test_clauses_know_their_length_and_whether_they_are_complete() -> None:
    speaker = Speaker()
    sound, _ = speaker.sound()
    sound.begin_clause("One,")
    sound.push(tone(1600))
    sound.end_clause()
    sound.begin_clause("two.")
    sound.push(tone(800))
    first, second = sound.clauses()
    assert (first.text, first.seconds, first.complete) == ("One,", 0.1, True)
    assert (second.text, second.seconds, second.complete) == ("two.", 0.05, False)


def test_a_filler_is_heard_before_the_sound_and_counts_as_none_of_it() -> None:
    speaker = Speaker()
    sound, _ = speaker.sound()
    speaker.gate.release(sound)
    sound.bridge(-tone(200))
    first = speaker.play(1)
    sound.push(tone(BLOCK))
    rest = speaker.play(3)
    assert np.array_equal(np.concatenate([first, rest])[:200], -tone(200))
    assert np.array_equal(rest[BLOCK : 2 * BLOCK], tone(BLOCK))
    (started,) = speaker.notes
    assert started == PlaybackNote("started", 1, 2 * BLOCK / RATE)
    assert speaker.gate.heard_seconds(sound, 10.0) == BLOCK / RATE


def test_a_killed_filler_fades_within_the_ramp() -> None:
    speaker = Speaker()
    sound, token = speaker.sound()
    speaker.gate.release(sound)
    sound.bridge(tone(1600))
    speaker.play(2)
    token.cancel()
    after = speaker.play(10)
    ramp = round(playback_module.RAMP_SECONDS * RATE)
    assert after[0] == pytest.approx(0.5)
    assert not after[ramp:].any()


def test_clauses_meet_without_a_click_and_the_first_is_heard_when_the_second_begins() -> None:
    speaker = Speaker()
    sound, _ = speaker.sound()
    clauses = {text: trim_silence(sign * tone(1603), RATE)[0] for text, sign in (("One.", 1), ("Two.", -1))}
    for text, samples in clauses.items():
        sound.begin_clause(text)
        for start in range(0, samples.size, 333):
            sound.push(samples[start : start + 333])
        sound.end_clause()
    sound.close()
    speaker.gate.release(sound)
    heard = speaker.play(21)
    assert np.abs(np.diff(heard, prepend=0, append=0)).max() < 0.02
    assert [clause.seconds * RATE for clause in sound.clauses()] == [1603, 1603]
    assert sound.played == 3206
    assert heard_text(sound.clauses(), 1603 / RATE) == "One."
