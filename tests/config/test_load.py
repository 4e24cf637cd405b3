"""The layers of configuration, and what is said of mistakes in them."""

import contextlib
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.config.example import example, show, toml_value
from knik.config.load import load, sections
from knik.config.schema import Config
from knik.errors import KnikError

ROOT = Path(__file__).parents[2]


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_the_example_holds_every_key_at_its_default() -> None:
    assert (ROOT / "config.example.toml").read_text("utf-8") == example()


def test_the_example_can_be_read_and_changes_nothing(tmp_path: Path) -> None:
    assert load(write(tmp_path / "c.toml", example()), {}).config == Config()


def test_every_key_says_why() -> None:
    for name, section in sections().items():
        for key, field in section.model_fields.items():
            assert field.description, f"{name}.{key}"


def test_each_layer_goes_over_the_one_before(tmp_path: Path) -> None:
    file = write(tmp_path / "c.toml", '[stt]\nmodel = "a"\nthreads = 1\nbeam_size = 2\n')
    env = {"KNIK_STT_THREADS": "2", "KNIK_STT_BEAM_SIZE": "3"}
    loaded = load(file, env, {"stt.beam_size": 4, "stt.device": None})
    stt = loaded.config.stt
    assert (stt.model, stt.threads, stt.beam_size) == ("a", 2, 4)
    assert loaded.origins == {"stt.model": "file", "stt.threads": "environment", "stt.beam_size": "flag"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[stt]\n\nmodle = 'x'\n", (":3:", "stt.modle", "did you mean model?")),
        ("[vad]\nengine = 'silera'\n", (":2:", "vad.engine", "did you mean silero?")),
        ("[vda]\nengine = 'auto'\n", (":1:", "vda", "did you mean vad?")),
        ("[tts]\nspeed = 9\n", (":2:", "tts.speed", "less than or equal to 2")),
        ("[tts]\nspeed = 'fast'\n", (":2:", "tts.speed", "valid number")),
        ("[tts]\nspeed = '1.5'\n", (":2:", "tts.speed", "valid number")),
        ("[stt]\n\nthreads = true\n", (":3:", "stt.threads", "valid integer")),
        ("[ui]\npanel = 1\n", (":2:", "ui.panel", "valid boolean")),
        ("\nstt = 3\n", (":2:", "stt is a table: write [stt]")),
        ("[[stt]]\nmodel = 'a'\n", (":1:", "stt is a table")),
        ("\n\nstt = { model = 'a', modle = 'x' }\n", (":3:", "stt.modle", "did you mean model?")),
        ("\n'stt'.\"modle\" = 'x'\n", (":2:", "stt.modle")),
        ('[stt]\nmodel = """\nbeam_size = 3\n"""\nbeam_size = 99\n', (":5:", "stt.beam_size = 99")),
        ("model = 'a'\n[chat.x]\ny = 1\n", (":1: model", ":2: chat.x")),
        ("[transcript]\nformats = [\n 'jsonl',\n 'markdwn']\n", (":2:", "did you mean markdown?")),
        ("[stt\n", ("not valid TOML", "line 1")),
    ],
)
def test_a_mistake_in_the_file_names_line_key_and_remedy(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    file = write(tmp_path / "c.toml", text)
    with pytest.raises(KnikError) as caught:
        load(file, {})
    assert caught.value.exit_code == 2
    for part in (str(file), *parts):
        assert part in caught.value.message


def test_a_mistake_in_the_environment_names_the_variable() -> None:
    with pytest.raises(KnikError) as caught:
        load(None, {"KNIK_STT_MODLE": "x", "KNIK_TTS_SPEED": "9", "KNIK_CONFIG": ""})
    assert "KNIK_STT_MODLE is no key of knik; did you mean KNIK_STT_MODEL?" in caught.value.message
    assert "KNIK_TTS_SPEED" in caught.value.message


def test_words_are_values_in_the_environment_only() -> None:
    env = {"KNIK_TTS_SPEED": "1.5", "KNIK_UI_PANEL": "no", "KNIK_TRANSCRIPT_FORMATS": "jsonl, markdown"}
    config = load(None, env).config
    assert (config.tts.speed, config.ui.panel) == (1.5, False)
    assert config.transcript.formats == ("jsonl", "markdown")


def test_a_mistake_in_one_layer_does_not_hide_behind_another(tmp_path: Path) -> None:
    file = write(tmp_path / "c.toml", "stt = 3\n[tts]\nspeed = 9\n")
    with pytest.raises(KnikError) as caught:
        load(file, {"KNIK_STT_MODEL": "x"}, {"tts.speed": 1.0, "chat.top_p": 2.0})
    for part in ("stt is a table", "tts.speed = 9", "command line: chat.top_p = 2.0"):
        assert part in caught.value.message


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b"\xef\xbb\xbf[tts]\nspeed = 1.5\n")
    assert load(tmp_path / "c.toml", {}).config.tts.speed == 1.5


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    file = write(tmp_path / "c.toml", "[tts]\nspeed = 9\n[vad]\nthreshold = 2\n")
    with pytest.raises(KnikError) as caught:
        load(file, {})
    assert "tts.speed" in caught.value.message
    assert "vad.threshold" in caught.value.message


def test_a_named_file_must_exist_and_the_usual_one_need_not(tmp_path: Path) -> None:
    with pytest.raises(KnikError, match="no such file"):
        load(tmp_path / "none.toml", {})
    assert load(None, {}).config == Config()


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KnikError, match="cannot be read"):
        load(tmp_path / "c.toml", {})


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=200))
def test_any_text_is_a_configuration_or_an_error_for_people(text: str) -> None:
    # Anything but the one error that is written for people fails the test.
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KnikError):
        load(write(Path(folder) / "c.toml", text), {})


@given(st.text(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.integers())
def test_values_survive_the_way_through_toml(text: str, real: float, flag: bool, whole: int) -> None:
    for value in (text, real, flag, whole):
        if isinstance(value, str) and any(ord(c) == 0x7F or 0xD800 <= ord(c) < 0xE000 for c in value):
            continue
        if isinstance(value, int) and abs(value) >= 1 << 63:
            continue
        assert tomllib.loads(f"key = {toml_value(value)}")["key"] == value


def test_what_is_shown_can_be_read_again(tmp_path: Path) -> None:
    config = load(None, {}, {"tts.speed": 1.5, "chat.system": 'Say "hi"\n'}).config
    assert load(write(tmp_path / "c.toml", show(config)), {}).config == config
