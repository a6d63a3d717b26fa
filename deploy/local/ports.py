"""Finds free ports on the loopback."""

import random
import socket
from collections.abc import Collection

LOOPBACK = "127.0.0.1"

# Below the range from which the kernel draws ports for outgoing connections, so a free port stays free.
_FREE_RANGE = range(20000, 32000)


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port(besides: Collection[int] = ()) -> int:
    """A free port, drawn at random so that two test runs at the same time seldom choose the same one."""
    while True:
        port = random.choice(_FREE_RANGE)
        if port not in besides and is_free(port):
            return port
