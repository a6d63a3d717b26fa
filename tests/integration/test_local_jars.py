"""Fetching Kafka's jars over a failing network, into a cache that may be damaged."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local import jars
from deploy.local.failure import Failure
from deploy.local.jars import Jar, fetch, locked

_BYTES = b"the bytes of a jar" * 1000
_JAR = Jar("org.example.records", "ledger", "1.2.3", sha256(_BYTES).hexdigest())
_PATH = "/org/example/records/ledger/1.2.3/ledger-1.2.3.jar"


@contextmanager
def _mirror(answers: list[tuple[int, bytes]], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A repository on the loopback that gives these answers for the jar in turn. Yields the
    requested paths."""
    requested: list[str] = []

    class Repository(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.pop(0) if self.path == _PATH and answers else (404, b"")
            requested.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Writes nothing to standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Repository) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("SER_MAVEN", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(jars, "_PAUSE_SECONDS", 0.01)
        yield requested
        server.shutdown()
        thread.join()


def test_a_download_cut_short_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an interrupted download `ser` tries again and gets the right bytes."""
    with _mirror([(200, _BYTES[:500]), (503, b""), (200, _BYTES)], monkeypatch):
        (path,) = fetch([_JAR], tmp_path)

    assert path.read_bytes() == _BYTES


def test_a_damaged_jar_in_the_cache_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ser` fetches a damaged jar again and never runs it."""
    with _mirror([(200, _BYTES), (200, _BYTES)], monkeypatch) as requested:
        (path,) = fetch([_JAR], tmp_path)
        path.write_bytes(b"rot")
        (again,) = fetch([_JAR], tmp_path)
        known = requested.count(_PATH)
        fetch([_JAR], tmp_path)

    assert again.read_bytes() == _BYTES
    assert requested.count(_PATH) == known == 2  # a valid jar is not requested again


def test_other_bytes_under_the_same_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ser` rejects a jar with another checksum than the committed one."""
    with _mirror([(200, b"something else")] * 3, monkeypatch), pytest.raises(Failure) as refused:
        fetch([_JAR], tmp_path)

    assert "org.example.records:ledger:1.2.3" in refused.value.what
    assert "checksum" in refused.value.what
    assert "network" in refused.value.remedy
    assert not list(tmp_path.rglob("*.jar"))


def test_every_jar_of_kafka_is_pinned() -> None:
    """Each of Kafka's jars has an exact version and a checksum."""
    pinned = locked()

    assert "org.apache.kafka:kafka_2.13:4.3.0" in map(str, pinned)
    assert all(len(jar.sha256) == 64 and jar.version[0].isdigit() for jar in pinned)
    assert len({(jar.group, jar.artifact) for jar in pinned}) == len(pinned)
