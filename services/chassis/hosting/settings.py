"""The settings of a process, from its environment. Every name has the prefix `SER_`."""

from functools import cached_property

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.access import AUDIENCE, ISSUER, Role

LARGEST_BODY = 1_000_000


class Settings(BaseSettings):
    """Settings of one service process, with defaults measured on two cores."""

    model_config = SettingsConfigDict(env_prefix="SER_", frozen=True)

    kafka: str = Field(default="127.0.0.1:9092", description="Bootstrap servers.")
    topic_prefix: str = Field(
        default="", description="Put before the name of every topic and consumer group."
    )
    database: SecretStr = Field(description="postgresql+asyncpg://role:password@host:port/database")
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    token_keys: str = Field(
        description="Public keys of the issuer of tokens: a JSON Web Key Set, as a path or an https address."
    )
    token_issuer: str = Field(default=ISSUER, description="The required `iss` of a token.")
    token_audience: str = Field(default=AUDIENCE, description="The required `aud` of a token.")
    token_hours: float = Field(default=12, gt=0, description="The longest life of a token.")
    token_claims: dict[str, str] = Field(
        default={},
        description="The issuer's names of claims by our names (JSON), if they differ."
        " `a.b` is the claim `b` within the claim `a`.",
    )
    token_roles: dict[str, Role] = Field(
        default={},
        description="Our roles by the issuer's names for them, such as groups (JSON)."
        " Without it, tokens use our names. SER ignores unknown names.",
    )
    log_level: str = "info"
    traces: str = Field(default="", description="OTLP/HTTP endpoint for traces; blank sends none.")
    hold_seconds: float = Field(default=60, gt=0, description="A command waits this long for a missing fact.")
    queue_limit: int = Field(default=1000, ge=1, description="The most messages held for one subject.")
    batch_records: int = Field(default=4000, ge=1, description="The most messages of one batch from Kafka.")
    batch_bytes: int = Field(
        default=32_000_000,
        ge=1,
        description="The most bytes of events of one transaction, unless one message causes more.",
    )
    fetch_bytes: int = Field(
        default=1_048_576, ge=1, description="The most bytes of one fetch of a partition."
    )
    session_timeout_ms: int = 10_000
    relay_rows: int = Field(default=200, ge=1, description="The most outbox rows of one round of the relay.")
    relay_poll_seconds: float = 0.1
    heartbeat_seconds: float = Field(default=10, gt=0, description="Seconds between two heartbeats.")
    post_seconds: float = Field(
        default=5, gt=0, description="The HTTP door waits this long for Kafka to confirm a command."
    )
    operator_seconds: float = Field(
        default=20,
        gt=0,
        description="An operator's request waits this long for its result.",
    )
    database_seconds: int = Field(
        default=60,
        ge=1,
        description="Time limit of a statement and of an idle transaction. A transaction has twice as long.",
    )
    stall_seconds: float = Field(
        default=30,
        description="A process that makes no progress on a backlog for this long is not ready. If Kafka does"
        " not answer for this long, the process ends.",
    )
    dead_letters_per_minute: int = Field(
        default=100_000,
        description="More unreadable messages in a minute stop the process: an upstream system is broken.",
    )
    max_body_bytes: int = LARGEST_BODY
    earlier_partitions: str = Field(
        default="",
        pattern=r"^(\d+(,\d+)*)?$",
        description="The earlier numbers of partitions of each topic, such as `4` or `4,12`. Older messages"
        " are in the partitions that were right then.",
    )

    @cached_property
    def partitions_before(self) -> tuple[int, ...]:
        """The earlier numbers of partitions of the topics, without zero."""
        return tuple(count for text in self.earlier_partitions.split(",") if text and (count := int(text)))
