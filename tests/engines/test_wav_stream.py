import io
from contextlib import suppress

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from knik.engines.openai.wav_stream import WavStream

TONE = (0.5 * np.sin(np.arange(500) * 0.1)).astype(np.float32)


def wav(subtype: str, channels: int = 1, rate: int = 22_050) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.tile(TONE[:, None], (1, channels)), rate, format="WAV", subtype=subtype)
    return file.getvalue()


def decode(data: bytes, step: int) -> tuple[np.ndarray, int]:
    stream = WavStream(24_000)
    parts = [stream.feed(data[at : at + step]) for at in range(0, len(data), step)]
    return np.concatenate(parts), stream.rate


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_what_soundfile_writes_is_read_in_pieces_of_any_size(subtype: str, channels: int, step: int) -> None:
    samples, rate = decode(wav(subtype, channels), step)
    assert rate == 22_050
    np.testing.assert_allclose(samples, TONE, atol=1e-4)


def test_a_length_that_the_server_did_not_know_is_not_believed() -> None:
    data = wav("PCM_16").replace((1000).to_bytes(4, "little"), b"\xff\xff\xff\xff")
    np.testing.assert_allclose(decode(data, 64)[0], TONE, atol=1e-4)


def test_what_follows_the_samples_is_no_sound() -> None:
    samples, _ = decode(wav("PCM_16") + b"LIST\x04\x00\x00\x00abcd", 64)
    assert samples.size == TONE.size


def test_samples_without_a_header_have_the_agreed_rate() -> None:
    data = (TONE * 32767).astype("<i2").tobytes()
    samples, rate = decode(data, 33)
    assert rate == 24_000
    np.testing.assert_allclose(samples, TONE, atol=1e-4)


def test_an_encoding_that_is_not_supported_is_named() -> None:
    with pytest.raises(ValueError, match="8 bits in format 7"):
        WavStream(24_000).feed(wav("ULAW"))


@given(st.binary(max_size=200))
def test_garbage_behind_a_riff_header_is_refused_or_read(data: bytes) -> None:
    with suppress(ValueError):
        assert WavStream(24_000).feed(b"RIFF\0\0\0\0WAVE" + data).ndim == 1
