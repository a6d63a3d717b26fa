"""What stands between a service and the server it talks to, and can be slow, deaf, half dead or gone."""

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


class Way(Enum):
    """One direction of a connection."""

    TO_SERVER = "to the server"
    TO_CLIENT = "to the client"


@dataclass
class Conduct:
    """How a proxy behaves from now on.

    `seconds`: how long each piece is kept. `swallowed`: directions in which nothing arrives any more; a
    connection on which something was lost stays dumb that way for ever, and not even its end is heard.
    `stalled_by`: numbers of Kafka's requests; such a one, and all that follow it on its connection, never
    arrive.
    """

    seconds: float = 0.0
    swallowed: frozenset[Way] = frozenset()
    stalled_by: frozenset[int] = frozenset()


class Loop:
    """An event loop in a thread of its own, so that a proxy goes on whatever a test does."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Does it there and waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


@dataclass
class Proxy:
    """Passes everything on, until told otherwise.

    `framed`: the server is Kafka. `stalled` counts the requests that stalled a connection, by their number;
    `hindered` counts the pieces that came late or never.
    """

    loop: Loop
    server_port: int
    port: int
    framed: bool = False
    conduct: Conduct = field(default_factory=Conduct)
    stalled: "Counter[int]" = field(default_factory=Counter)
    connections: int = 0
    cuts: int = 0
    hindered: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _listener: asyncio.Server | None = None

    def start(self) -> None:
        self.loop.run(self._start())

    def stop(self) -> None:
        self.loop.run(self._stop())

    def behave(self, conduct: Conduct | None = None) -> None:
        """From now on, for open connections too; without conduct: as if it were not there."""
        self.conduct = conduct or Conduct()

    def reset(self) -> int:
        """Cuts every connection abruptly, as a firewall does that has forgotten them; says how many."""
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
        await asyncio.gather(self._pass(reader, back, Way.TO_SERVER), self._pass(to, writer, Way.TO_CLIENT))
        self._open -= {writer, back}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way) -> None:
        frames = _Frames() if self.framed and way is Way.TO_SERVER else None
        lost = False
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if self.conduct.seconds:
                    await asyncio.sleep(self.conduct.seconds)
                lost = lost or way in self.conduct.swallowed
                self.hindered += lost or bool(self.conduct.seconds)
                if not lost:
                    writer.write(self._until_stalled(frames, chunk) if frames else chunk)
                    await writer.drain()
        if not lost and way not in self.conduct.swallowed:
            with contextlib.suppress(OSError):
                writer.close()

    def _until_stalled(self, frames: "_Frames", chunk: bytes) -> bytes:
        """The complete requests up to the first that stalls the connection."""
        passed: list[bytes] = []
        for frame in frames.whole(chunk):
            api = int(_API.unpack_from(frame, _SIZE.size)[0])
            if api in self.conduct.stalled_by and not frames.stalled:
                frames.stalled = True
                self.stalled[api] += 1
            if not frames.stalled:
                passed.append(frame)
        return b"".join(passed)


class _Frames:
    """Kafka's requests, put together from pieces: each begins with its size, then with its number."""

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
    """Ends a connection by a reset, not by a farewell."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
