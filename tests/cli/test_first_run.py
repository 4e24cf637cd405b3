"""The first `knik chat` on a machine without models, at a terminal of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from knik.cli.first_run import bare
from knik.config import memory
from knik.config.load import load
from tests.models.flaky_server import DATA, serving
from tests.rig.terminal import Terminal

# The real program with a catalogue of one small model: the real ones have checksums of real weights.
PROGRAM = """
import knik.models.catalogue as models
toy = models.ModelEntry("toy", "chat", "MIT", "a toy", "chat", "", ("toy.gguf",), 1)
models.catalogue = lambda extra=None: [toy]
from knik.cli.main import main
main()
"""
TALK = ("chat", "--text", "--no-speak", "--plain")
QUESTION = "Fetch them now?"


def settings(mirror: str = "http://127.0.0.1:9/") -> dict[str, str]:
    """A chat model to fetch from the mirror; ears and voice are somebody else's."""
    return {
        "KNIK_CHAT_MODEL": "toy",
        "KNIK_STT_ENGINE": "openai",
        "KNIK_TTS_ENGINE": "openai",
        "KNIK_MODELS_MIRROR": mirror,
    }


def converses(terminal: Terminal) -> None:
    """The conversation has begun, and the built-in answers serve."""
    terminal.press("what is 3 plus 4\n")
    terminal.wait_for("That is 7.")
    terminal.press("/quit\n")
    assert terminal.end() == 0
    assert "Traceback" not in terminal.shown


def test_yes_fetches_the_models_and_begins(own_home: Path) -> None:
    with serving() as server:
        with Terminal(*TALK, env=settings(server.url), program=PROGRAM) as terminal:
            terminal.wait_for(QUESTION)
            assert "toy" in terminal.shown
            terminal.press("y\n")
            converses(terminal)
        assert (own_home / "models" / "chat" / "toy.gguf").read_bytes() == DATA
        with Terminal(*TALK, env=settings(server.url), program=PROGRAM) as terminal:
            converses(terminal)
            assert QUESTION not in terminal.shown


def test_no_begins_with_the_built_in_engines_and_asks_again_next_time() -> None:
    for _ in range(2):
        with Terminal(*TALK, env=settings(), program=PROGRAM) as terminal:
            terminal.wait_for(QUESTION)
            terminal.press("perhaps\nno\n")
            converses(terminal)
            assert terminal.shown.count(QUESTION) == 2, "an answer that is none is asked for again"


def test_never_is_remembered_in_the_state_folder(own_home: Path) -> None:
    with Terminal(*TALK, env=settings(), program=PROGRAM) as terminal:
        terminal.wait_for(QUESTION)
        terminal.press("never\n")
        converses(terminal)
    (state,) = (own_home / "XDG_STATE_HOME").rglob("*.json")
    assert json.loads(state.read_text()) == {"offer_models": False}
    with Terminal(*TALK, env=settings(), program=PROGRAM) as terminal:
        converses(terminal)
        assert QUESTION not in terminal.shown


def test_a_download_that_fails_is_told_and_the_built_in_engines_start() -> None:
    with serving() as server:
        server.missing = {"/chat/toy.gguf", "/toy/toy.gguf", "/toy.gguf"}
        with Terminal(*TALK, env=settings(server.url), program=PROGRAM) as terminal:
            terminal.wait_for(QUESTION)
            terminal.press("\n")
            terminal.wait_for("The built-in engines serve meanwhile.")
            assert "404" in terminal.shown
            converses(terminal)


def test_ctrl_c_at_the_question_ends_it_quietly() -> None:
    with Terminal(*TALK, env=settings(), program=PROGRAM) as terminal:
        terminal.wait_for(QUESTION)
        terminal.interrupt()
        assert terminal.end() == 130
        assert "Traceback" not in terminal.shown


def test_ctrl_d_at_the_question_is_a_no() -> None:
    with Terminal(*TALK, env=settings(), program=PROGRAM) as terminal:
        terminal.wait_for(QUESTION)
        terminal.press("\x04")
        converses(terminal)


def test_nobody_is_asked_where_there_is_no_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *TALK],
        input=b"what is 3 plus 4\n",
        capture_output=True,
        env={**os.environ, **settings()},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert QUESTION.encode() not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "env"), [(("--json",), {}), ((), {"KNIK_CHAT_ENGINE": "builtin"})], ids=["json", "built-in"]
)
def test_programs_and_those_who_chose_the_built_in_engines_are_not_asked(
    arguments: tuple[str, ...], env: dict[str, str]
) -> None:
    with Terminal(*TALK, *arguments, env={**settings(), **env}, program=PROGRAM) as terminal:
        converses(terminal)
        assert QUESTION not in terminal.shown


def test_one_model_that_is_there_is_enough_not_to_ask(own_home: Path) -> None:
    models = {"models.dir": str(own_home / "models")}
    assert bare(load(None, {}, models).config)
    (own_home / "models" / "chat").mkdir(parents=True)
    (own_home / "models" / "chat" / "mine.gguf").write_bytes(b"GGUF")
    assert not bare(load(None, {}, {**models, "chat.model": "mine"}).config)
    servers = {"stt.engine": "openai", "chat.engine": "openai", "tts.engine": "openai"}
    assert not bare(load(None, {}, {**models, **servers}).config)


def test_what_is_remembered_survives_a_file_that_was_damaged() -> None:
    assert memory.recall("anything") is None
    memory.remember("one", 1)
    memory.remember("two", [2])
    assert (memory.recall("one"), memory.recall("two")) == (1, [2])
    memory.memory_path().write_text("no JSON")
    assert memory.recall("one") is None
    memory.remember("one", 3)
    assert memory.recall("one") == 3
