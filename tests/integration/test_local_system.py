"""The whole system under `ser`: start, restart, status and stop."""

import html
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, build_opener

import httpx
import psutil
import pytest

from deploy.cli.app import main
from deploy.issuer.people import FIRST
from deploy.local import control
from deploy.local.failure import Failure
from deploy.local.home import TREE, Home
from deploy.local.ports import is_free
from deploy.local.process import ProcessIdentity
from deploy.local.program import PROGRAMS, health_of
from deploy.local.run import Run, read_run
from deploy.local.waiting import wait_until
from deploy.seeding import registrations
from tests.engines import engine

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(engine() != "local", reason="a machine with containers runs deploy/compose.yaml"),
]

_BACK_SECONDS = 150
_CLAIM = TREE / "contracts" / "examples" / "ClaimJurisdiction.v1.json"


@dataclass
class Place:
    """A run directory for these tests, and its system."""

    home: Home

    @property
    def run(self) -> Run:
        run = read_run(self.home.run_file)
        assert run is not None
        return run

    def address(self, service: str) -> str:
        return f"http://127.0.0.1:{self.run.components[service].port}"

    def all_ready(self) -> bool:
        run = self.run
        states = {part.state for part in run.components.values()}
        parts = [run.components[name] for name in PROGRAMS]
        return states == {"ready"} and all(health_of(part.port, part.process).ready for part in parts)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(Home(tmp_path_factory.mktemp("system") / "home", well_known=False))
    control.up(place.home, dies_with_caller=True)
    yield place
    control.down(place.home)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home", well_known=False)
    yield home
    control.down(home)


def _ser(monkeypatch: pytest.MonkeyPatch, place: Place, *words: str) -> int:
    monkeypatch.setenv("SER_HOME", str(place.home.root))
    monkeypatch.setattr(sys, "argv", ["ser", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_everything_is_up_and_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After `ser up` both servers and all our programs are ready, and `ser status` shows each."""
    assert list(place.run.components) == ["kafka", "postgres", *PROGRAMS]
    assert place.all_ready()

    assert _ser(monkeypatch, place, "status") == 0

    shown = capsys.readouterr().out
    assert all(f"{part.name} " in shown and str(part.port) in shown for part in place.run.components.values())


def test_a_person_signs_in_at_the_console(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`ser console` opens the console, which sends a person to the issuer and shows the page asked for."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert _ser(monkeypatch, place, "console") == 0
    assert opened == [place.address("console")]
    assert opened[0] in capsys.readouterr().out

    browser = _browser()
    with browser.open(f"{opened[0]}/find") as choice:
        assert choice.url.startswith(place.address("issuer"))
        asked = re.search(r'name="request" value="([^"]*)"', choice.read().decode())
    assert asked is not None
    form = urlencode({"request": html.unescape(asked[1]), "person": FIRST.sub}).encode()
    with browser.open(f"{place.address('issuer')}/choose", form) as arrived:
        assert arrived.url == f"{opened[0]}/find"
        assert FIRST.title in arrived.read().decode()


def _browser() -> OpenerDirector:
    """Follows redirects, and keeps `Secure` cookies on the loopback, as browsers do."""
    cookies = CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https")))
    return build_opener(ProxyHandler({}), HTTPCookieProcessor(cookies))


def test_starting_it_again_changes_nothing(place: Place) -> None:
    """A second `ser up` finds the running system and changes nothing."""
    before = place.run

    assert control.up(place.home) == before


def test_a_command_is_sent_and_its_answer_shown(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`ser send` sends a claim to its service; `ser tail` shows the claim and its outcome."""
    words = [
        "send",
        "ClaimJurisdiction",
        "--file",
        str(_CLAIM),
        "--lea",
        "017",
        "--role",
        "writer",
        "--wait",
        "10",
    ]
    assert _ser(monkeypatch, place, *words, "--dry-run") == 5
    tried = capsys.readouterr().out
    assert "ClaimJurisdiction would be held" in tried
    assert "REC-001" in tried
    assert _ser(monkeypatch, place, *words) == 5
    printed = capsys.readouterr().out
    assert "REC-001" in printed  # nobody has added the student: the claim is held

    later = re.search(r"outcome ([0-9a-f-]{36}) --command ClaimJurisdiction", printed)
    assert later is not None
    for arguments in (["--command", "ClaimJurisdiction"], []):
        assert _ser(monkeypatch, place, "outcome", later[1], *arguments) == 5
        assert "ClaimJurisdiction held" in capsys.readouterr().out
    assert _ser(monkeypatch, place, "outcome", later[1], "--lea", "009", "--role", "reader") == 1
    assert "must be of the LEA that sent it" in capsys.readouterr().err

    other = _CLAIM.read_text().replace("1000000001", "1000000002")
    body = ["ClaimJurisdiction", "--json", other, "--lea", "017"]
    assert _ser(monkeypatch, place, "send", *body, "--role", "reader") == 4
    refused = capsys.readouterr().out
    assert "ACC-004" in refused
    again = re.search(r"[0-9a-f-]{36}", refused)
    assert again is not None
    assert _ser(monkeypatch, place, "outcome", again[0]) == 4
    assert "ClaimJurisdiction refused" in capsys.readouterr().out

    topics = ["jurisdiction.commands", "jurisdiction.outcomes"]
    messages = str(2 * len(registrations()) + 4)  # those of the school sites come first
    assert _ser(monkeypatch, place, "tail", "--oldest", "--count", messages, *topics) == 0
    shown = capsys.readouterr().out
    assert all(
        word in shown for word in (*topics, "type=ClaimJurisdiction", '"status":"held"', "token=(signed)")
    )


@pytest.mark.parametrize("part", ["jurisdiction", "postgres", "kafka"])
def test_what_is_killed_comes_back(part: str, place: Place) -> None:
    """The supervisor restarts a killed process, and the others connect to it again."""
    before = place.run.components[part]
    assert before.process is not None

    before.process.signal(signal.SIGKILL)

    assert wait_until(lambda: place.run.components[part].restarts == before.restarts + 1, _BACK_SECONDS)
    assert wait_until(place.all_ready, _BACK_SECONDS)
    assert place.run.components[part].process != before.process


def test_a_log_tells_why_a_process_was_started_again(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The supervisor's log says why it restarted a process."""
    assert _ser(monkeypatch, place, "logs", "supervisor") == 0

    assert "jurisdiction was ended by SIGKILL" in capsys.readouterr().out


def test_a_new_supervisor_takes_over_what_runs(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If only the supervisor dies, `ser status` still shows the system, and `ser up` restarts no process."""
    before = place.run
    before.supervisor.signal(signal.SIGKILL)
    assert wait_until(lambda: not before.alive, 10)

    assert _ser(monkeypatch, place, "status") == 3
    shown = capsys.readouterr()
    assert "SER runs without its supervisor" in shown.out
    assert all(f"{name} " in shown.out for name in before.components)
    assert "ser up starts a supervisor, which takes over what runs" in shown.err.replace(".venv/bin/", "")

    after = control.up(place.home, dies_with_caller=True)

    assert after.supervisor != before.supervisor
    assert _processes(after) == _processes(before)
    assert _restarts(after) == _restarts(before)
    assert "takes over" in after.notes[0]
    assert _ser(monkeypatch, place, "status") == 0


def test_a_new_supervisor_starts_what_has_ended_meanwhile(place: Place) -> None:
    """`ser up` starts a service that died without a supervisor, and restarts no other."""
    before = place.run
    ended = before.components["students"].process
    before.supervisor.signal(signal.SIGKILL)
    assert ended is not None
    ended.signal(signal.SIGKILL)
    assert wait_until(lambda: not before.alive and not ended.alive, 10)

    after = control.up(place.home, dies_with_caller=True)

    changed = [name for name in after.components if _processes(after)[name] != _processes(before)[name]]
    assert changed == ["students"]
    assert place.all_ready()


def test_a_new_supervisor_restarts_what_it_took_over(place: Place) -> None:
    """A supervisor restarts a process that it took over, like any other."""
    before = place.run.components["provision"]
    assert before.process is not None

    before.process.signal(signal.SIGKILL)

    assert wait_until(
        lambda: place.run.components["provision"].restarts == before.restarts + 1, _BACK_SECONDS
    )
    assert wait_until(place.all_ready, _BACK_SECONDS)


def _processes(run: Run) -> dict[str, ProcessIdentity | None]:
    return {name: component.process for name, component in run.components.items()}


def _restarts(run: Run) -> dict[str, int]:
    return {name: component.restarts for name, component in run.components.items()}


def test_nothing_is_left_when_the_supervisor_was_killed(place: Place) -> None:
    """Even if the supervisor is killed, `ser down` finds every process it had started, and ends it."""
    run = place.run
    left = [part.process for part in run.survivors]
    families = [
        child.pid for process in left if process for child in psutil.Process(process.pid).children(True)
    ]
    run.supervisor.signal(signal.SIGKILL)
    assert wait_until(lambda: not run.alive, 10)
    assert len(run.survivors) == 2 + len(PROGRAMS)

    stopped = control.down(place.home)

    assert stopped == list(reversed(["kafka", "postgres", *PROGRAMS]))
    assert not [process for process in left if process and process.alive]
    assert not [pid for pid in families if psutil.pid_exists(pid)]
    assert all(is_free(part.port) for part in run.components.values())
    assert control.down(place.home) == []


_TAIL = [sys.executable, "-m", "deploy.cli", "tail", "--oldest", "--count"]


def test_a_new_start_has_the_old_data(place: Place) -> None:
    """Records survive a stop and a start."""
    control.up(place.home, ["jurisdiction"], dies_with_caller=True)
    outcomes = subprocess.run(
        [*_TAIL, str(len(registrations()) + 2), "jurisdiction.outcomes"],
        env=os.environ | {"SER_HOME": str(place.home.root)},
        cwd=TREE,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert '"status":"held"' in outcomes.stdout
    assert httpx.get(f"{place.address('jurisdiction')}/health/ready", trust_env=False).status_code == 200


def test_a_start_that_fails_leaves_nothing(empty: Home) -> None:
    """If PostgreSQL cannot start, `ser up` names the reason and the log, and stops Kafka."""
    (empty.root / "postgres" / "data").mkdir(parents=True)

    with pytest.raises(Failure) as failed:
        control.up(empty, programs=[])

    assert "PostgreSQL did not start" in failed.value.what
    assert str(empty.log("postgres")) in failed.value.remedy
    run = read_run(empty.run_file)
    assert run is not None
    assert (run.state, run.alive, run.survivors) == ("failed", False, [])


def test_two_starts_at_once_make_one_system(empty: Home) -> None:
    """Two `ser up` at the same time start one system."""
    argv = [sys.executable, "-m", "deploy.local.supervisor", str(empty.root), "--any-ports"]
    first = subprocess.Popen(argv, cwd=TREE, stdout=subprocess.DEVNULL)
    assert wait_until(lambda: read_run(empty.run_file) is not None, 30)

    second = subprocess.run(argv, cwd=TREE, capture_output=True, text=True, timeout=30, check=False)
    first.send_signal(signal.SIGTERM)

    assert (second.returncode, first.wait(60)) == (1, 0)
    assert "another supervisor" in second.stdout


def test_a_port_that_is_taken_is_avoided_and_said(tmp_path: Path) -> None:
    """If another program has a usual port, `ser up` chooses another port, says so and keeps it."""
    import socket

    home = Home(tmp_path)
    wanted = home.ports(["postgres"])["postgres"]
    (tmp_path / "ports.json").unlink()
    with socket.create_server(("127.0.0.1", wanted)):
        moved = home.ports(["postgres"])
        assert moved["postgres"] != wanted

    assert home.ports(["postgres"]) == moved
    assert moved["postgres"] not in home.moved_ports(moved).values()


def test_a_process_is_known_by_its_birth() -> None:
    """`ser` never signals another process that has got the pid of an ended one."""
    with subprocess.Popen(["sleep", "60"]) as child:
        real = ProcessIdentity.of(child.pid)
        assert real is not None

        assert not ProcessIdentity(child.pid, "another birth").signal(signal.SIGKILL)
        assert child.poll() is None
        assert real.signal(signal.SIGKILL)
    assert not real.alive


def test_nothing_is_left_when_the_run_directory_is_deleted(empty: Home) -> None:
    """If the run directory is deleted, no process stays behind."""
    run = control.up(empty, programs=[])
    processes = [part.process for part in run.survivors]

    shutil.rmtree(empty.root, ignore_errors=True)
    run.supervisor.signal(signal.SIGTERM)

    assert wait_until(lambda: not run.alive, 60)
    assert not [process for process in processes if process and process.alive]
