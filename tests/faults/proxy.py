"""A proxy between a service and its server. It can delay or drop data, and close connections."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from deploy.local.ports import LOOPBACK

OFFSET_COMMIT = 8
"""The number of this request in Kafka's protocol."""

_CHUNK = 256 * 1024
_SIZE, _API = struct.Struct(">i"), struct.Struct(">h")


class Direction(Enum):
    """One direction of a connection."""

    TO_SERVER = "to the server"
    TO_CLIENT = "to the client"


@dataclass
class Behavior:
    """How a proxy behaves from now on.

    `seconds`: the delay of each chunk. `dropped`: directions in which the proxy drops all data. After the
    first dropped chunk a connection stays silent in that direction; the proxy does not even close it.
    `stalled_by`: numbers of Kafka requests. The proxy drops such a request and all later ones of its
    connection.
    """

    seconds: float = 0.0
    dropped: frozenset[Direction] = frozenset()
    stalled_by: frozenset[int] = frozenset()


class Loop:
    """An event loop in its own thread, so that a blocked test does not block its proxies."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Runs a coroutine on the loop and waits up to 30 seconds for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


@dataclass
class Proxy:
    """Passes on all data until `behave` sets another behavior.

    `is_kafka`: the server is Kafka. `stalled` counts the requests that stalled a connection, by their number.
    `delayed_or_dropped` counts chunks.
    """

    loop: Loop
    server_port: int
    port: int
    is_kafka: bool = False
    behavior: Behavior = field(default_factory=Behavior)
    stalled: "Counter[int]" = field(default_factory=Counter)
    connections: int = 0
    cuts: int = 0
    delayed_or_dropped: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _listener: asyncio.Server | None = None

    def start(self) -> None:
        self.loop.run(self._start())

    def stop(self) -> None:
        self.loop.run(self._stop())

    def behave(self, behavior: Behavior | None = None) -> None:
        """Sets the behavior of all connections, open ones too. Without one the proxy passes on all data."""
        self.behavior = behavior or Behavior()

    def reset(self) -> int:
        """Resets every connection, as a firewall does; returns their number."""
        return int(self.loop.run(self._reset()))

    async def _start(self) -> None:
        self._listener = await asyncio.start_server(self._serve, LOOPBACK, self.port)

    async def _stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
        await self._reset()

    async def _reset(self) -> int:
        writers, self._open = self._open, set()
        for writer in writers:
            _abort(writer)
        self.cuts += len(writers) // 2
        return len(writers) // 2

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            to, back = await asyncio.open_connection(LOOPBACK, self.server_port)
        except OSError:
            return _abort(writer)
        self._open |= {writer, back}
        await asyncio.gather(
            self._pass(reader, back, Direction.TO_SERVER), self._pass(to, writer, Direction.TO_CLIENT)
        )
        self._open -= {writer, back}

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction
    ) -> None:
        frames = _Frames() if self.is_kafka and direction is Direction.TO_SERVER else None
        lost = False
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if self.behavior.seconds:
                    await asyncio.sleep(self.behavior.seconds)
                lost = lost or direction in self.behavior.dropped
                self.delayed_or_dropped += lost or bool(self.behavior.seconds)
                if not lost:
                    writer.write(self._until_stalled(frames, chunk) if frames else chunk)
                    await writer.drain()
        if not lost and direction not in self.behavior.dropped:
            with contextlib.suppress(OSError):
                writer.close()

    def _until_stalled(self, frames: "_Frames", chunk: bytes) -> bytes:
        """The complete requests before the first one that stalls the connection."""
        passed: list[bytes] = []
        for frame in frames.whole(chunk):
            api = int(_API.unpack_from(frame, _SIZE.size)[0])
            if api in self.behavior.stalled_by and not frames.stalled:
                frames.stalled = True
                self.stalled[api] += 1
            if not frames.stalled:
                passed.append(frame)
        return b"".join(passed)


class _Frames:
    """Joins chunks to Kafka requests. A request begins with its size; its number follows."""

    def __init__(self) -> None:
        self._rest = b""
        self.stalled = False

    def whole(self, chunk: bytes) -> list[bytes]:
        """The requests that are complete now."""
        self._rest += chunk
        found: list[bytes] = []
        while len(self._rest) >= _SIZE.size:
            end = _SIZE.size + int(_SIZE.unpack_from(self._rest)[0])
            if len(self._rest) < end:
                break
            found.append(self._rest[:end])
            self._rest = self._rest[end:]
        return found


def _abort(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with a TCP reset."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
