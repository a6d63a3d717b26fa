"""The settings of the console, from its environment. Every name has the prefix `SER_CONSOLE_`."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one console process. The processes of one console share database and keys."""

    model_config = SettingsConfigDict(env_prefix="SER_CONSOLE_", frozen=True)

    database: SecretStr = Field(description="postgresql+asyncpg://role:password@host:port/database")
    keys: SecretStr = Field(
        description="One or two Fernet keys, separated by a comma, newest first. The console encrypts tokens"
        " and typed texts with the first and reads with all."
    )
    host: str = "127.0.0.1"
    port: int = 18000
    proxies: str = Field(
        default="127.0.0.1",
        description="The proxies whose X-Forwarded-For names the person's address: addresses or networks,"
        " separated by commas. Without it, everybody behind a proxy shares one limit of sign-ins.",
    )
    url: str = Field(default="http://127.0.0.1:18000", description="The console's address for people.")
    issuer: str = Field(description="The OpenID Connect issuer that signs people in: its address.")
    client_id: str = Field(default="ser-console", description="The console's name at the issuer.")
    client_secret: SecretStr = Field(default=SecretStr(""), description="Blank for a public client.")
    scope: str = Field(default="openid profile", description="What the console asks of the issuer.")
    claims: dict[str, str] = Field(
        default={},
        description="What the issuer calls `sub`, `name`, `lea` and `roles`, where the names differ (JSON).",
    )
    students: str = Field(default="http://127.0.0.1:18001", description="Address of the service.")
    jurisdiction: str = Field(default="http://127.0.0.1:18002", description="Address of the service.")
    ieps: str = Field(default="http://127.0.0.1:18003", description="Address of the service.")
    provision: str = Field(default="http://127.0.0.1:18004", description="Address of the service.")
    reporting: str = Field(default="http://127.0.0.1:18005", description="Address of the service.")
    idle_minutes: float = Field(default=60, gt=0, description="A sign-in ends after so long without a page.")
    longest_hours: float = Field(default=12, gt=0, description="A sign-in ends after so long in any case.")
    database_seconds: float = Field(
        default=5, gt=0, description="How long a page waits for the console's own database."
    )
    part_seconds: float = Field(default=2, gt=0, description="How long a page waits for one answer.")
    file_seconds: float = Field(
        default=90,
        gt=0,
        description="How long a page waits for a service to make, take or send a file.",
    )
    wait_seconds: int = Field(default=2, ge=0, description="How long a sent form waits for its outcome.")
    at_once: int = Field(
        default=32,
        ge=1,
        description="How many pages one process answers at once. It asks the others to come again.",
    )
    log_level: str = "info"

    def address_of(self, service: str) -> str:
        """The address of a service. AttributeError: no service has this name."""
        return str(getattr(self, service)).rstrip("/")
