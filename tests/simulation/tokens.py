"""Real signed tokens for a simulated run, valid until after its end."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import SecretStr

from contracts.access import Role
from deploy.local.home import Home
from deploy.local.issuer import Issuer
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.settings import Settings
from tests.simulation.scheduler import BEGINNING


@dataclass(frozen=True)
class Sender:
    """A user of an LEA: a writer who may submit IEPs, unless other roles are given."""

    lea: str
    roles: tuple[Role, ...] = (Role.WRITER, Role.IEP_SUBMITTER)
    user: str = "a.coordinator"


_HOURS = 1000
_home = tempfile.TemporaryDirectory(prefix="ser-simulation-")


@cache
def _issuer() -> Issuer:
    return Issuer(Home(Path(_home.name)))


@cache
def token_of(sender: Sender) -> str:
    """The sender's token, valid from the beginning of the simulation until after its end."""
    return _issuer().token(sender.lea, sender.roles, sender.user, _HOURS, BEGINNING)


@cache
def tokens() -> Tokens:
    """The services' own verification, with the public key."""
    keys = str(_issuer().make_keys())
    return Tokens(Settings(database=SecretStr("unused"), token_keys=keys, token_hours=_HOURS))
