"""Starts PostgreSQL for root, since PostgreSQL refuses to run as root. Adds no user to the machine."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deploy.local.failure import Failure

_NOBODY = "nobody"


@dataclass(frozen=True)
class Launch:
    """How to start a program that refuses root: the words before its command, and its account."""

    prefix: tuple[str, ...] = ()
    user: str | None = None


def choose_launch(paths: Iterable[Path]) -> Launch:
    """A way to start a program that has to reach these paths, on this machine.

    An ordinary user starts it directly. Root starts it in a user namespace as `nobody`: files stay root's,
    and no permission changes. If the machine forbids namespaces, as many containers do, the program runs as
    the account `nobody`, which must be able to reach the paths. Failure: neither works.
    """
    if os.geteuid() != 0:
        return Launch()
    if namespaces_allowed():
        return Launch(prefix=_namespace())
    closed = [folder for path in paths for folder in path.resolve().parents if not _open_to_others(folder)]
    if closed:
        raise Failure(
            f"PostgreSQL refuses to run as root, and the account {_NOBODY} cannot enter {closed[0]}.",
            f"Run `ser` as an ordinary user, or let others enter the folder: chmod o+x {closed[0]}",
        )
    return Launch(user=_NOBODY)


@cache
def namespaces_allowed() -> bool:
    """Whether root may make a user namespace on this machine."""
    if shutil.which("unshare") is None:
        return False
    probe = subprocess.run([*_namespace(), "true"], capture_output=True, check=False)
    return probe.returncode == 0


def _namespace() -> tuple[str, ...]:
    return ("unshare", "--user", f"--map-user={pwd.getpwnam(_NOBODY).pw_uid}", "--")


def _open_to_others(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)
