"""The last minute of the microphone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knik.audio.frames import SAMPLE_RATE
from knik.audio.history import AudioHistory

HELD = 50


@given(
    st.lists(st.integers(0, 130), max_size=20),
    st.integers(-200, 1_500),
    st.integers(-200, 1_500),
)
def test_a_slice_is_what_was_appended_at_its_indices(sizes: list[int], start: int, end: int) -> None:
    history = AudioHistory(HELD / SAMPLE_RATE)
    everything = np.arange(sum(sizes), dtype=np.float32)
    for stop in np.cumsum(sizes, dtype=int):
        history.append(everything[history.end : stop])
    assert history.end == everything.size
    assert history.start == max(0, everything.size - HELD)
    from_, to = max(start, history.start), min(end, history.end)
    assert history.slice(start, end).tolist() == everything[from_ : max(from_, to)].tolist()


def test_a_slice_does_not_change_when_more_comes() -> None:
    history = AudioHistory(4 / SAMPLE_RATE)
    history.append(np.array([1, 2, 3, 4], np.float32))
    kept = history.slice(0, 4)
    history.append(np.array([5, 6, 7, 8], np.float32))
    assert kept.tolist() == [1, 2, 3, 4]
