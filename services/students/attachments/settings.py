"""The settings of attachments, from the environment. Every name has the prefix `SER_ATTACHMENTS_`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AttachmentSettings(BaseSettings):
    """Where attachments are kept, and how they are checked."""

    model_config = SettingsConfigDict(env_prefix="SER_ATTACHMENTS_", frozen=True)

    store: str = Field(
        default="file:///var/lib/ser/attachments",
        description="Where the bytes are: `file:///directory`, or `s3://bucket/prefix` with the usual `AWS_…`"
        " variables. All processes of students use the same store.",
    )
    grace_hours: float = Field(
        default=24,
        gt=0,
        description="An upload waits this long for the command that names it. Then the sweep removes it.",
    )
    sweep_seconds: float = Field(default=3600, gt=0, description="Seconds between two sweeps.")
    clamd: str = Field(
        default="",
        pattern=r"^$|^tcp://[^/:]+:[0-9]+$|^unix:/.+$",
        description="The virus scanner: `tcp://host:3310` or `unix:/run/clamav/clamd.ctl`; blank for none.",
    )
    clamd_seconds: float = Field(default=60, gt=0, description="The scanner answers within this time.")
