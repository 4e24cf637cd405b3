"""What was found out about models is kept."""

from pathlib import Path

import pytest

from knik.models.verdicts import remember_short_context, short_context_harms


def test_a_verdict_is_kept_until_the_next_check(tmp_path: Path) -> None:
    file, model = tmp_path / "state" / "verdicts.json", tmp_path / "base.en"
    assert not short_context_harms(model, file)
    remember_short_context(model, harms=True, file=file)
    remember_short_context(tmp_path / "other", harms=False, file=file)
    assert short_context_harms(model, file)
    assert not short_context_harms(tmp_path / "other", file)
    remember_short_context(model, harms=False, file=file)
    assert not short_context_harms(model, file)


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "verdicts.json"
    file.write_text(content)
    assert not short_context_harms(tmp_path, file)
    remember_short_context(tmp_path, harms=True, file=file)
    assert short_context_harms(tmp_path, file)
