"""What the campaigns share."""

import pytest

from tests.fuzz.post import Post


@pytest.fixture(scope="session")
def post(tmp_path_factory: pytest.TempPathFactory) -> Post:
    """Tokens, and a decoder for each service."""
    return Post(tmp_path_factory.mktemp("post"))
