"""The settings of the issuer, from its environment. Every name has the prefix `SER_ISSUER_`."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.issuer.client import Client
from deploy.local.home import WELL_KNOWN
from deploy.local.ports import LOOPBACK


class IssuerSettings(BaseSettings):
    """Settings of the issuer's process. `SER_HOME` names the run directory that has its key."""

    model_config = SettingsConfigDict(env_prefix="SER_ISSUER_", frozen=True)

    port: int = Field(default=WELL_KNOWN["issuer"], description="The port, on the loopback.")
    client_id: str = Field(default="ser-console", description="The console's name at this issuer.")
    client_secret: SecretStr = Field(
        default=SecretStr(""),
        description="The console's secret there. Blank: it has none.",
    )
    console: str = Field(
        default=f"http://{LOOPBACK}:{WELL_KNOWN['console']}", description="The console's address for people."
    )
    access_minutes: float = Field(
        default=15, gt=0, le=12 * 60, description="The life of an access token and of an ID token."
    )
    session_hours: float = Field(
        default=12, gt=0, description="For how long after signing in a refresh token gets new tokens."
    )

    @property
    def url(self) -> str:
        """The issuer's address: `iss` of the ID token."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def client(self) -> Client:
        """The only client: the console."""
        return Client(self.client_id, self.client_secret.get_secret_value(), self.console.rstrip("/"))
