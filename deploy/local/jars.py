"""Fetches Kafka's jars once by their Maven coordinates, and verifies them with the committed checksums."""

import fcntl
import hashlib
import os
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.failure import Failure

_LOCK = Path(__file__).with_name("kafka.lock")
_ATTEMPTS = 3
_AT_ONCE = 6
_PAUSE_SECONDS = 1.0
_TIMEOUT_SECONDS = 60

Progress = Callable[[int, int], None]
"""Called with the number of jars fetched so far, and the number of all jars."""


@dataclass(frozen=True)
class Jar:
    """One jar, as in the lock file."""

    group: str
    artifact: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


Download = Callable[[Jar], None]


def cache_folder() -> Path:
    """The folder of downloads, shared by all clones: SER_CACHE, else ~/.cache/ser."""
    chosen = os.environ.get("SER_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "ser"


def locked(lock: Path = _LOCK) -> list[Jar]:
    """The jars that Kafka runs on."""
    lines = (line for line in lock.read_text().splitlines() if line and not line.startswith("#"))
    return [_parse(line) for line in lines]


def fetch(jars: list[Jar], cache: Path, progress: Progress = lambda done, total: None) -> list[Path]:
    """The paths of the jars, in order, each verified. Missing or damaged jars are fetched again.

    They come from the public Maven repository, or from a mirror whose URL is in SER_MAVEN.
    Failure: a jar cannot be fetched, or its checksum differs from the committed one.
    """
    paths = [_place(jar, cache) for jar in jars]
    with _lock_cache(cache):
        missing = [jar for jar, path in zip(jars, paths, strict=True) if not _is_sound(path, jar)]
        for done, _ in enumerate(_fetched(missing, cache), start=1):
            progress(len(jars) - len(missing) + done, len(jars))
    return paths


def _fetched(missing: list[Jar], cache: Path) -> Iterator[Jar]:
    if not missing:
        return
    download = _downloads(cache)
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        yield from pool.map(lambda jar: _fetch_one(download, jar, _place(jar, cache)), missing)
    finally:
        pool.shutdown(cancel_futures=True)  # after a failure or an interruption


def _parse(line: str) -> Jar:
    coordinates, checksum = line.split()
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, checksum.removeprefix("sha256:"))


def _place(jar: Jar, cache: Path) -> Path:
    """The path of a jar in a Maven repository."""
    folder = Path(*jar.group.split("."), jar.artifact, jar.version)
    return cache / "maven" / folder / f"{jar.artifact}-{jar.version}.jar"


def _is_sound(path: Path, jar: Jar) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def _fetch_one(download: Download, jar: Jar, path: Path) -> Jar:
    problem = ""
    for attempt in range(_ATTEMPTS):
        time.sleep(attempt * _PAUSE_SECONDS)
        path.unlink(missing_ok=True)  # half a download, or a wrong file
        try:
            download(jar)
        except (
            OSError,
            RuntimeError,
        ) as error:  # requests' errors are OSErrors; jgo raises RuntimeError for a 404
            problem = str(error)
            continue
        if _is_sound(path, jar):
            return jar
        problem = "its checksum is not the one in kafka.lock"
    path.unlink(missing_ok=True)
    raise Failure(
        f"{jar} could not be fetched: {problem}.",
        "`ser` fetches it once from the public Maven repository. Check the network, or set SER_MAVEN to a"
        " mirror.",
    )


def _downloads(cache: Path) -> Download:
    """A function that downloads a jar into its place in the cache."""
    from jgo.maven import MavenContext  # slow to import, and needed only for the first start on a machine

    _trust_this_machine()
    mirror = os.environ.get("SER_MAVEN")
    context = MavenContext(
        repo_cache=cache / "maven",
        timeout=_TIMEOUT_SECONDS,
        remote_repos={"mirror": mirror} if mirror else None,
    )

    def download(jar: Jar) -> None:
        context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()

    return download


def _trust_this_machine() -> None:
    """Makes jgo trust the machine's certificates, which a company's network may need."""
    paths = ssl.get_default_verify_paths()
    for place in (paths.cafile, paths.capath):
        if place:
            os.environ.setdefault("REQUESTS_CA_BUNDLE", place)


@contextmanager
def _lock_cache(cache: Path) -> Iterator[None]:
    """Locks the cache, so that two commands never write the same jar at the same time."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
