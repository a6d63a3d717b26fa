"""What all requests of one console process share."""

from typing import Protocol, cast

import httpx2
from jinja2 import Environment
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import HTTPConnection

from console.answers import DescribedRule
from console.openid import OpenId
from console.rates import Rates
from console.sealing import Sealer
from console.sending import Sending
from console.settings import Settings
from console.sign_ins import SignIns


class Shared(Protocol):
    """The state of the application. `rules_of`: the services whose rules are among `known_rules`."""

    settings: Settings
    templates: Environment
    sealer: Sealer
    rates: Rates
    known_rules: dict[str, DescribedRule]
    rules_of: set[str]
    engine: AsyncEngine
    client: httpx2.AsyncClient
    openid: OpenId
    sign_ins: SignIns
    sending: Sending


def shared_by(request: HTTPConnection) -> Shared:
    """What the requests of this process share."""
    return cast(Shared, request.app.state)
