"""One system, its students and its signed-in people, for all tests of the console that need them."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from deploy.demo.api_client import Tokens
from tests.console.children import Children, children_of
from tests.console.people import EVERYBODY, Visitor
from tests.console.running import ConsoleSystem, console_system

_FIRST_SEAT = 10


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleSystem]:
    """The whole system on free ports."""
    with console_system(tmp_path_factory.mktemp("console")) as running:
        yield running


@pytest.fixture(scope="module")
def rested(system: ConsoleSystem) -> None:
    """The console was just started, so it counts everybody's pages from zero."""
    system.rest()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def children(system: ConsoleSystem) -> AsyncIterator[Children]:
    """The students, each in its state."""
    local = system.local
    async with children_of(local.kafka.bootstrap, system.urls, Tokens(local.issuer)) as found:
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def visitors(system: ConsoleSystem) -> AsyncIterator[dict[str, Visitor]]:
    """Everybody, signed in."""
    everybody = {name: Visitor(system.url, seat) for seat, name in enumerate(EVERYBODY, _FIRST_SEAT)}
    try:
        for name, one in everybody.items():
            await one.sign_in(name)
        yield everybody
    finally:
        for one in everybody.values():
            await one.aclose()
