"""What Kafka, PostgreSQL and a service have in common when they are run."""

from typing import Protocol

from deploy.local.process import Process


class Component(Protocol):
    """One server of the local system."""

    @property
    def name(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def process(self) -> Process: ...

    def launch(self) -> None:
        """Starts the process and does not wait for it."""

    def wait(self) -> None:
        """Returns when it serves. Failure: it does not."""

    def ready(self) -> bool:
        """Whether it serves now."""

    def stop(self) -> None:
        """Ends it gracefully; returns when it is gone."""

    def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
