"""The settings of intake, from its environment. Every name has the prefix `SER_`, as for the services."""

from pydantic import Field, SecretStr

from services.chassis.hosting.settings import Settings as ServiceSettings


class Settings(ServiceSettings):
    """Settings of intake. Kafka, database, HTTP and tokens are set as for a service."""

    intake_keys: SecretStr = Field(
        description="One or two Fernet keys, separated by a comma, newest first. Intake encrypts the senders'"
        " tokens with the first and reads with all."
    )
    intake_in_flight: int = Field(
        default=48,
        ge=1,
        description="How many commands without an outcome intake has in the services at once, of all LEAs.",
    )
    intake_held_seconds: float = Field(
        default=150,
        gt=0,
        description="After so long intake no longer waits for a held command. Longer than the services hold"
        " (`SER_HOLD_SECONDS`).",
    )
    intake_kept_days: int = Field(
        default=14, ge=1, description="So long intake keeps the rows of a batch as they were sent."
    )
    students: str = Field(default="http://127.0.0.1:18001", description="Address of the service.")
    jurisdiction: str = Field(default="http://127.0.0.1:18002", description="Address of the service.")
    ieps: str = Field(default="http://127.0.0.1:18003", description="Address of the service.")
    provision: str = Field(default="http://127.0.0.1:18004", description="Address of the service.")
    reporting: str = Field(default="http://127.0.0.1:18005", description="Address of the service.")

    def address_of(self, service: str) -> str:
        """The address of a service. AttributeError: no service has this name."""
        return str(getattr(self, service)).rstrip("/")
