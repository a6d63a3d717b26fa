"""What the console needs of this machine: its keys, and its settings."""

from collections.abc import Mapping

from cryptography.fernet import Fernet

from contracts.catalog import SERVICES
from deploy.local.home import WELL_KNOWN, Home, write_whole
from deploy.local.ports import LOOPBACK


def console_settings(home: Home, ports: Mapping[str, int], database: str) -> dict[str, str]:
    """The console's environment. A service that does not run here is expected at its well-known port."""

    def url(name: str) -> str:
        return f"http://{LOOPBACK}:{ports.get(name, WELL_KNOWN[name])}"

    return {
        "SER_CONSOLE_DATABASE": database,
        "SER_CONSOLE_HOST": LOOPBACK,
        "SER_CONSOLE_PORT": str(ports["console"]),
        "SER_CONSOLE_URL": url("console"),
        "SER_CONSOLE_ISSUER": url("issuer"),
        "SER_CONSOLE_KEYS": keys_of(home, "console"),
        **{f"SER_CONSOLE_{service.upper()}": url(service) for service in SERVICES},
    }


def keys_of(home: Home, program: str) -> str:
    """The keys with which a program encrypts what it keeps, such as tokens. The first call makes one."""
    path = home.root / "keys" / f"{program}.keys"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, Fernet.generate_key().decode())
    return path.read_text().strip()
