"""USING.md is true."""

import re

from contracts.access import Role
from services.chassis.answering.http import application
from tests.architecture.system import ROOT, SERVICES

PAGE = (ROOT / "USING.md").read_text(encoding="utf-8")
PORTS = dict(zip(("18001", "18002", "18003", "18004", "18005"), SERVICES, strict=True))


def test_every_role_is_explained() -> None:
    """Whoever asks for a role finds what it allows."""
    assert set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)) == {role.value for role in Role}


def test_every_address_is_answered() -> None:
    """What one is told to ask for is there, at the service whose port is named."""
    addresses = re.findall(r"http://127\.0\.0\.1:(\d+)(/[^\s?']*)", PAGE)
    assert len(addresses) >= 7
    for port, path in addresses:
        paths = application(SERVICES[PORTS[port]]).openapi()["paths"]
        known = {re.sub(r"\{\w+\}", "{}", one) for one in paths}
        blank = re.sub(
            r"\$[A-Z]+|(?<=/leas/)\d+(?=/)|(?<=/calendars/)\d+|(?<=/duties/)[0-9-]+|(?<=/rules/)[A-Z]{3}-[0-9]{3}",
            "{}",
            path,
        )
        assert blank in known, f"{port} {path}"


def test_every_parameter_is_known() -> None:
    """A question is asked with parameters that the service has."""
    for path, query in re.findall(r"127\.0\.0\.1:18005(/[^\s?']*)\?([^']+)'", PAGE):
        known = application(SERVICES["reporting"]).openapi()["paths"][path]["get"]["parameters"]
        assert set(re.findall(r"(\w+)=", query)) <= {parameter["name"] for parameter in known}
