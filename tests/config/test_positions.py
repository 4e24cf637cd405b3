"""Lines of keys in TOML, however it is written."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from knik.config.positions import key_lines

TEXT = """\
# comment = 1
first = 1

[a . "b c"]
plain = "x = 1 # no"
'quoted' = 1979-05-27 07:32:00
many = [
  { inner = 1 }, # inner = 2
  "]",
  [1, 2],
]
after = { x = { y = [ {} ] }, "z.z" = 1.5 }
text = '''
hidden = 1
'''''
last.but.one = 1
[[rows]]
n = 1
[[rows]]
n = 2
"""

LINES = {
    ("first",): 2,
    ("a",): 4,
    ("a", "b c"): 4,
    ("a", "b c", "plain"): 5,
    ("a", "b c", "quoted"): 6,
    ("a", "b c", "many"): 7,
    ("a", "b c", "many", "inner"): 8,
    ("a", "b c", "after"): 12,
    ("a", "b c", "after", "x"): 12,
    ("a", "b c", "after", "x", "y"): 12,
    ("a", "b c", "after", "z.z"): 12,
    ("a", "b c", "text"): 13,
    ("a", "b c", "last"): 16,
    ("a", "b c", "last", "but"): 16,
    ("a", "b c", "last", "but", "one"): 16,
    ("rows",): 17,
    ("rows", "n"): 18,
}


def test_every_way_to_write_a_key_is_found_on_its_line() -> None:
    tomllib.loads(TEXT)
    assert key_lines(TEXT) == LINES


KEYS = st.text("abc", min_size=1, max_size=3)
VALUES = st.recursive(
    st.sampled_from(
        ["1", "-1.5", "true", '"a = 1"', "'#'", '"""\nb = 1\n"""', "1979-05-27", '"\\""', '["""a"""", "]"]']
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[" + ",\n".join(items) + "]"),
    max_leaves=6,
)


@given(
    st.dictionaries(KEYS, VALUES, max_size=6), st.lists(st.sampled_from(["", "# a = 1", "  "]), max_size=4)
)
def test_keys_are_found_among_any_values(pairs: dict[str, str], gaps: list[str]) -> None:
    lines = list(gaps)
    expected = {}
    for key, value in pairs.items():
        expected[(key,)] = sum(line.count("\n") + 1 for line in lines) + 1
        lines.append(f"{key} = {value}")
    text = "\n".join(lines)
    tomllib.loads(text)
    assert key_lines(text) == expected
