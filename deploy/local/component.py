"""What Kafka, PostgreSQL and our own programs have in common as running components."""

from typing import Protocol

from deploy.local.process import Process


class Component(Protocol):
    """One component of the local system."""

    @property
    def name(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def process(self) -> Process: ...

    def launch(self) -> None:
        """Starts the process. Does not wait for it."""

    def wait(self) -> None:
        """Returns when the component serves. Failure: it does not."""

    def ready(self) -> bool:
        """Whether the component serves now."""

    def stop(self) -> None:
        """Ends the component gracefully. Returns when it has ended."""

    def kill(self) -> None:
        """Sends SIGKILL. Returns when the component has ended."""
