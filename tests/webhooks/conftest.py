"""Every test has a tenant of its own; `post` has its webhook set and its first job done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webhooks.post import Post
from tests.webhooks.post import post as a_post
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def bare(tmp_path: Path) -> Post:
    return a_post(tmp_path)


@pytest.fixture
def post(bare: Post) -> Post:
    bare.set()
    bare.deliver()
    return bare


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running
