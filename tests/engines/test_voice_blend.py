import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.engines.voice_blend import describe_voice, espeak_language, language_of, parse_blend
from knik.errors import KnikError

KNOWN = ["af_sky", "am_adam", "bf_emma", "ff_siwis"]


def test_a_single_voice_is_a_blend_of_one() -> None:
    assert parse_blend("af_sky", KNOWN) == (("af_sky", 1.0),)


def test_weights_are_shares_of_their_sum() -> None:
    blend = dict(parse_blend(" af_sky : 3 , bf_emma:1 ", KNOWN))
    assert blend == {"af_sky": 0.75, "bf_emma": 0.25}
    assert dict(parse_blend("af_sky,bf_emma", KNOWN)) == {"af_sky": 0.5, "bf_emma": 0.5}


@given(st.lists(st.tuples(st.sampled_from(KNOWN), st.floats(1e-3, 1e3)), min_size=1))
def test_shares_always_add_up_to_one(parts: list[tuple[str, float]]) -> None:
    blend = parse_blend(",".join(f"{name}:{weight}" for name, weight in parts), KNOWN)
    assert sum(share for _, share in blend) == pytest.approx(1.0)


def test_an_unknown_voice_names_the_nearest() -> None:
    with pytest.raises(KnikError, match='"af_skye"; near it are af_sky'):
        parse_blend("af_skye", KNOWN)


@pytest.mark.parametrize("weight", ["x", "0", "-1", "nan", "inf"])
def test_a_weight_that_is_none_is_named(weight: str) -> None:
    with pytest.raises(KnikError, match=f'"{weight}" is no weight'):
        parse_blend(f"af_sky:{weight}", KNOWN)


def test_the_heaviest_voice_gives_the_language() -> None:
    assert language_of(parse_blend("af_sky:0.4,ff_siwis:0.6", KNOWN)) == "fr-fr"
    assert language_of((("custom", 1.0),)) == "en-us"


def test_common_language_codes_are_those_of_espeak() -> None:
    assert [espeak_language(code) for code in ("en-GB", "fr", "zh", "pt_BR", "")] == [
        "en-gb",
        "fr-fr",
        "cmn",
        "pt-br",
        "",
    ]


def test_a_name_tells_the_gender() -> None:
    assert [describe_voice(name) for name in ("af_sky", "am_adam", "alfred")] == ["female", "male", ""]
