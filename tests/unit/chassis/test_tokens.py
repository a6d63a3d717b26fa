"""The service checks a token, and says why it refuses one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms
from pydantic import SecretStr

from contracts.access import Actor, Role
from contracts.errors import Finding
from services.chassis.decoding.keys import Keys, KeysUnreadable
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.settings import Settings
from tests.unit.chassis.memory_service import MemoryService, claim

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
PRIVATE: dict[str, Any] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "RS256": rsa.generate_private_key(65537, 2048),
}
CLAIMS: dict[str, Any] = {
    "iss": "ser-development",
    "aud": "ser",
    "sub": "m.landry",
    "lea": "017",
    "roles": ["writer"],
    "iat": NOON - timedelta(hours=1),
    "exp": NOON + timedelta(hours=1),
}
LANDRY = Actor(sub="m.landry", lea="017", roles=frozenset([Role.WRITER]))


def key_set(**keys: str) -> str:
    """A key set with public keys of these algorithms, each under its id."""
    described = [
        get_default_algorithms()[algorithm].to_jwk(PRIVATE[algorithm].public_key(), as_dict=True)
        | {"kid": kid}
        for kid, algorithm in keys.items()
    ]
    return json.dumps({"keys": described})


def signed(algorithm: str = "EdDSA", kid: str | None = "one", key: Any = None, **changes: Any) -> str:
    """A valid token with changes. A claim that is None is left out."""
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    headers = {"kid": kid} if kid else None
    return jwt.encode(claims, key or PRIVATE[algorithm], algorithm=algorithm, headers=headers)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a key set of one key."""
    path = tmp_path / "issuer.jwks.json"
    path.write_text(key_set(one="EdDSA"))
    return path


def tokens(file: Path, reread_seconds: float = 0, **settings: Any) -> Tokens:
    """The token checks of a service with these settings."""
    trusted = Settings(database=SecretStr("unused"), token_keys=str(file), **settings)
    return Tokens(trusted, Keys(str(file), reread_seconds))


def code(read: Actor | Finding) -> str:
    """The code for which the service refuses a token; blank if it accepts it."""
    return read.code if isinstance(read, Finding) else ""


def test_in_order(file: Path) -> None:
    """A valid token gives the sender's LEA, user and roles."""
    assert tokens(file).read(signed(), NOON) == LANDRY


REFUSED: dict[str, tuple[str, str]] = {
    "no token": ("ACC-001", ""),
    "blanks": ("ACC-001", "  "),
    "no JWT": ("ACC-002", "forged"),
    "no JWT of three parts": ("ACC-002", "e30.e30.c2ln"),
    "another's signature": ("ACC-002", signed(key=ed25519.Ed25519PrivateKey.generate())),
    "a shared secret": ("ACC-002", jwt.encode(CLAIMS, "s" * 32, "HS256", {"kid": "one"})),
    "no signature": ("ACC-002", jwt.encode(CLAIMS, "", "none", {"kid": "one"})),
    "expired": ("ACC-003", signed(exp=NOON)),
    "an unknown key": ("ACC-006", signed(kid="two")),
    "another issuer": ("ACC-007", signed(iss="elsewhere")),
    "no issuer": ("ACC-011", signed(iss=None)),
    "another system": ("ACC-008", signed(aud="payroll")),
    "other systems": ("ACC-008", signed(aud=["payroll", "lunch"])),
    "no audience": ("ACC-011", signed(aud=None)),
    "not yet, by nbf": ("ACC-009", signed(nbf=NOON + timedelta(minutes=2))),
    "not yet, by iat": ("ACC-009", signed(iat=NOON + timedelta(minutes=2))),
    "too long": ("ACC-010", signed(exp=NOON + timedelta(hours=11, seconds=1))),
    "too long since nbf": (
        "ACC-010",
        signed(iat=None, nbf=NOON - timedelta(hours=1), exp=NOON + timedelta(hours=12)),
    ),
    "neither iat nor nbf": ("ACC-011", signed(iat=None)),
    "no end": ("ACC-011", signed(exp=None)),
    "an end that is no number": ("ACC-011", signed(exp="tomorrow")),
    "an end after all days": ("ACC-011", signed(exp=10**20)),
    "nobody": ("ACC-011", signed(sub=None)),
    "a number for a name": ("ACC-011", signed(sub=7)),
    "no LEA": ("ACC-011", signed(lea=None)),
    "a name for an LEA": ("ACC-011", signed(lea="Caddo Parish")),
    "no roles": ("ACC-012", signed(roles=None)),
    "unknown roles": ("ACC-012", signed(roles=["king", 7])),
    "with its scheme": ("ACC-013", f"Bearer {signed()}"),
    "large": ("ACC-014", signed(groups=["x" * 4096])),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(file: Path, case: str) -> None:
    """Each reason to refuse a token has its own code, and says what to do."""
    expected, token = REFUSED[case]
    read = tokens(file).read(token, NOON)
    assert isinstance(read, Finding)
    assert (read.code, bool(read.solution)) == (expected, True), read


@pytest.mark.parametrize(("case", "named"), [("another issuer", "ser-development"), ("other systems", "ser")])
def test_what_is_expected_is_named(file: Path, case: str, named: str) -> None:
    """The refusal of a token for another system names the expected issuer and audience."""
    read = tokens(file).read(REFUSED[case][1], NOON)
    assert isinstance(read, Finding)
    assert named in read.message


def test_blanks_around_a_token(file: Path) -> None:
    """The service ignores blanks around a token."""
    assert tokens(file).read(f"  {signed()}\n", NOON) == LANDRY


def test_clocks_that_differ_by_a_minute(file: Path) -> None:
    """The service accepts a token of an issuer whose clock is a minute ahead."""
    assert tokens(file).read(signed(iat=NOON + timedelta(seconds=59)), NOON) == LANDRY


def test_unknown_roles_do_no_harm(file: Path) -> None:
    """The service ignores the roles of other systems."""
    assert tokens(file).read(signed(roles=["king", "writer", 7]), NOON) == LANDRY


@pytest.mark.parametrize("algorithm", PRIVATE)
def test_algorithms(file: Path, algorithm: str) -> None:
    """The service accepts tokens signed with EdDSA, ES256 or RS256."""
    file.write_text(key_set(a="EdDSA", b="ES256", c="RS256"))
    kid = dict(zip(PRIVATE, "abc", strict=True))[algorithm]
    believed = tokens(file)
    assert believed.read(signed(algorithm, kid), NOON) == LANDRY
    assert code(believed.read(signed(algorithm, {"a": "b", "b": "c", "c": "a"}[kid]), NOON)) == "ACC-002"


def test_one_key_needs_no_id(file: Path) -> None:
    """A token may omit the key id if the key set has one key, and must have it if there are two."""
    assert tokens(file).read(signed(kid=None), NOON) == LANDRY
    file.write_text(key_set(one="EdDSA", two="ES256"))
    assert code(tokens(file).read(signed(kid=None), NOON)) == "ACC-006"


def test_a_claim_by_another_name(file: Path) -> None:
    """A state can set the names of claims and roles that its issuer uses."""
    believed = tokens(
        file,
        token_claims={"lea": "https://state.example/district", "roles": "realm_access.groups"},
        token_roles={"SER Writers": "writer", "SER Readers": "reader"},
    )
    theirs: dict[str, Any] = {"https://state.example/district": "017", "lea": None, "roles": None}
    groups: dict[str, Any] = {"realm_access": {"groups": ["SER Writers", "Lunch", "state"]}}
    assert believed.read(signed(**theirs, **groups), NOON) == LANDRY
    assert code(believed.read(signed(**theirs, realm_access={"groups": ["state"]}), NOON)) == "ACC-012"


def test_roles_in_one_text(file: Path) -> None:
    """An issuer may list roles in one text, as it lists scopes."""
    assert tokens(file).read(signed(roles="openid writer"), NOON) == LANDRY


def test_a_new_key(file: Path) -> None:
    """When the issuer signs with a new key, the service reads the key set again and accepts the token."""
    believed = tokens(file)
    assert code(believed.read(signed("ES256", "two"), NOON)) == "ACC-006"
    file.write_text(key_set(one="EdDSA", two="ES256"))
    assert believed.read(signed("ES256", "two"), NOON) == LANDRY


def test_a_key_that_was_taken_away(file: Path) -> None:
    """After a key is removed from the key set, the service accepts no token signed with it."""
    believed = tokens(file)
    assert believed.read(signed(), NOON) == LANDRY
    file.write_text(key_set(two="ES256"))
    assert believed.keys.reread()
    assert code(believed.read(signed(), NOON)) == "ACC-006"


class _Issuer(BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(key_set(one="EdDSA").encode())

    def log_message(self, format: str, *args: Any) -> None: ...


@contextmanager
def issuer() -> Iterator[tuple[str, type[_Issuer]]]:
    """An issuer that serves its key set over HTTP and counts the requests."""
    served = type("_Counted", (_Issuer,), {})
    server = HTTPServer(("127.0.0.1", 0), served)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks", served
    finally:
        server.shutdown()
        server.server_close()


def test_an_address() -> None:
    """The key set may be at an address. Many tokens with unknown keys do not cause as many requests."""
    with issuer() as (address, served):
        trusted = Settings(database=SecretStr("unused"), token_keys=address)
        believed = Tokens(trusted)
        assert believed.read(signed(), NOON) == LANDRY
        refused = {code(believed.read(signed(kid=f"made up {number}"), NOON)) for number in range(50)}
        assert (refused, served.asked) == ({"ACC-006"}, 1)
        eager = Tokens(trusted, Keys(address, reread_seconds=0))
        eager.read(signed(kid="made up"), NOON)
        assert served.asked == 3


async def test_an_issuer_that_is_away() -> None:
    """While the issuer does not answer, the service uses the keys that it read last."""
    with issuer() as (address, _):
        believed = Tokens(
            Settings(database=SecretStr("unused"), token_keys=address), Keys(address, reread_seconds=0)
        )
    now = datetime.now(UTC)
    fresh: dict[str, Any] = {"iat": now, "exp": now + timedelta(hours=1)}
    assert code(await believed.read_for_http(signed(kid="two", **fresh))) == "ACC-006"
    assert await believed.read_for_http(signed(**fresh)) == LANDRY


SHARED_SECRET = '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'


@pytest.mark.parametrize("text", ["", "{", "[]", '{"keys": []}', SHARED_SECRET])
def test_no_key_set(file: Path, text: str) -> None:
    """A service without a key set does not start."""
    file.write_text(text)
    with pytest.raises(KeysUnreadable):
        Keys(str(file))


def test_keys_that_do_not_count(file: Path) -> None:
    """The service ignores a key for encryption, a short RSA key and a key for another algorithm."""
    short = get_default_algorithms()["RS256"].to_jwk(
        rsa.generate_private_key(65537, 1024).public_key(), as_dict=True
    )
    (good,) = json.loads(key_set(one="EdDSA"))["keys"]
    (other,) = json.loads(key_set(rsa="RS256"))["keys"]
    others = [good | {"kid": "two", "use": "enc"}, short | {"kid": "three"}, other | {"alg": "PS512"}]
    file.write_text(json.dumps({"keys": [good, *others]}))
    keys = Keys(str(file))
    assert keys.find("one")
    assert not any(keys.find(kid) for kid in ("two", "three", "rsa"))


@pytest.mark.parametrize("what", REFUSED)
def test_the_outcome_names_the_reason(what: str, file: Path) -> None:
    """The outcome of a command says why the service refused its token."""
    expected, token = REFUSED[what]
    finding = tokens(file).read(token, NOON)
    assert isinstance(finding, Finding)
    service = MemoryService()
    command = service.received_command(claim(), findings=(finding,))
    service.process(command)
    assert expected in service.store.ledger[command.id].body
