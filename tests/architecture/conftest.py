"""Helpers of the architecture tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from deploy.local.home import Home
from deploy.local.issuer import Issuer
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.settings import Settings
from tests.architecture.applications import APPLICATIONS, Clients


@pytest.fixture
async def clients(tmp_path: Path) -> AsyncIterator[Clients]:
    """A client of each service's application, which has an issuer's key and no servers."""
    clients = Clients()
    clients.issuer = Issuer(Home(tmp_path))
    keys = str(clients.issuer.make_keys())
    tokens = Tokens(Settings(database=SecretStr("unused"), token_keys=keys))
    for name, app in APPLICATIONS.items():
        app.state.tokens = tokens
        clients[name] = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ser")
    yield clients
    for client in clients.values():
        await client.aclose()
