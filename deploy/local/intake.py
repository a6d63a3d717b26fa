"""What intake needs of this machine: its keys, its port, and the addresses of the services."""

from collections.abc import Mapping

from contracts.catalog import SERVICES
from deploy.local.console import keys_of
from deploy.local.home import WELL_KNOWN, Home
from deploy.local.ports import LOOPBACK


def intake_settings(home: Home, ports: Mapping[str, int]) -> dict[str, str]:
    """Intake's environment besides a service's. A service that does not run here is expected at its
    well-known port."""
    urls = {name: f"http://{LOOPBACK}:{ports.get(name, WELL_KNOWN[name])}" for name in SERVICES}
    return {
        "SER_HTTP_HOST": LOOPBACK,
        "SER_HTTP_PORT": str(ports["intake"]),
        "SER_INTAKE_KEYS": keys_of(home, "intake"),
        **{f"SER_{name.upper()}": url for name, url in urls.items()},
    }
