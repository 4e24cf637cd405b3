"""A server of its own for every test."""

from collections.abc import Iterator

import pytest

from tests.models.flaky_server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as state:
        yield state
