"""`ser` without a running system: help, tokens and error messages."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jwt
import pytest
from pydantic import TypeAdapter

from contracts import catalog, examples, schemas
from contracts.forms import Form, FormCode
from deploy.cli import screen
from deploy.cli.app import main
from deploy.cli.fields import rows_of
from deploy.cli.status import since
from deploy.local.home import WELL_KNOWN, Home
from deploy.local.issuer import Issuer
from deploy.local.ports import free_port


@dataclass(frozen=True)
class Answer:
    """The output of `ser` and its exit code."""

    stdout: str
    stderr: str
    returncode: int


Ser = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SER_TOKEN", raising=False)
    for part in WELL_KNOWN:  # somebody may have a system running on this machine
        monkeypatch.setitem(WELL_KNOWN, part, free_port())
    return Home(tmp_path / "home")


@pytest.fixture
def ser(home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ser:
    """Runs `ser` with these arguments, as a shell would."""

    def call(*words: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["ser", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Answer(printed.out, printed.err, int(ended.value.code or 0))

    return call


@pytest.mark.parametrize(
    "command",
    [
        "up",
        "down",
        "status",
        "logs",
        "token",
        "commands",
        "send",
        "outcome",
        "tail",
        "held",
        "demo",
        "console",
        "batch",
    ],
)
def test_every_command_explains_itself(command: str, ser: Ser) -> None:
    """The help of `ser` lists every command with its purpose."""
    overview, own = ser("--help"), ser(command, "--help")

    assert f" {command} " in overview.stdout
    assert own.returncode == 0
    assert "Usage" in own.stdout


def test_every_command_that_can_be_sent_is_shown(ser: Ser) -> None:
    """`ser commands` shows every command, its service, its fields and an example."""
    shown = ser("commands").stdout
    for name, entry in catalog.commands().items():
        assert re.search(rf"{entry.owner} +{name} ", shown)
        one = ser("commands", name).stdout
        assert all(f" {row.field} " in one for row in rows_of(schemas.generated(entry)))
        assert "see its schema" not in one
        assert json.loads(one.splitlines()[-1]) == examples.example(entry.schema_id)


def test_every_field_of_a_form_is_shown(ser: Ser, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ser commands SaveIEPForms` shows the fields of each form, the ids to make, and an example of each
    form."""
    monkeypatch.setattr(screen.out, "_width", 200)
    shown = ser("commands", "DraftIEP").stdout
    assert "`uuidgen`" in shown
    assert re.search(
        r" forms\[LRE\]\.environment +a code of contracts/codes/environments\.csv, such as \w+ \(", shown
    )
    assert re.search(
        r" forms\[PRG\]\.services\[\]\.minutes_per_session +required +a whole number from 1 to 600", shown
    )
    for form in FormCode:
        assert f" forms[{form}].form " in shown
    lines = [json.loads(line) for line in shown.splitlines() if line.startswith('{"form"')]
    assert {line["form"] for line in lines} == set(FormCode)
    for line in lines:
        assert TypeAdapter(Form).validate_python(line)


def test_exit_codes_are_explained(ser: Ser) -> None:
    """The help explains the exit codes for a refused and for a held command."""
    for words in (["--help"], ["send", "--help"], ["outcome", "--help"]):
        printed = " ".join(ser(*words).stdout.split())
        assert "4 " in printed
        assert "5 " in printed
        assert "held" in printed


def test_the_version_is_told(ser: Ser) -> None:
    """`ser --version` prints the version."""
    assert re.fullmatch(r"ser \d+\.\d+\.\d+\n", ser("--version").stdout)


def test_a_token_says_who_one_is_and_only_the_issuer_can_say_it(home: Home, ser: Ser) -> None:
    """A token has LEA, roles and lifetime, and only the issuer can sign it."""
    made = ser("token", "--lea", "017", "--role", "writer", "--role", "iep-submitter", "--hours", "2")
    token = made.stdout.strip()

    (key,) = jwt.PyJWKSet.from_json(Issuer(home).keys.read_text())
    claims = jwt.decode(token, key, audience="ser", issuer="ser-development")
    assert (claims["sub"], claims["lea"], claims["roles"]) == (
        "developer",
        "017",
        ["writer", "iep-submitter"],
    )
    assert claims["exp"] - claims["iat"] == 2 * 3600
    other = Issuer(Home(home.root.parent / "other"))
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, jwt.PyJWKSet.from_json(other.make_keys().read_text()).keys[0], audience="ser")


def test_tokens_of_several_leas(ser: Ser) -> None:
    """One call of `ser token` prints a token for each LEA, in their order."""
    made = ser("token", "--lea", "036", "--lea", "017", "--role", "writer").stdout.split()
    assert [jwt.decode(one, options={"verify_signature": False})["lea"] for one in made] == ["036", "017"]


UNREAD = {
    "MSG-001": "{]",
    "MSG-002": '{"student_id": "1000000001", "begin_on": "2017-08-10T00:00:00", "school": "017001"}',
    "MSG-003": '{"student_id": "1000000001", "begin_on": "2017-08-10", "school": "017001", "lea": "017"}',
    "MSG-023": '{"student_id": "1000000001", "begin_on": "2017-08-10", "school": "017001", "school": "1"}',
}


@pytest.mark.parametrize("code", UNREAD)
def test_a_body_that_no_service_would_read(code: str, ser: Ser) -> None:
    """`ser send` checks a command's JSON as the services do, without a running system."""
    printed = ser("send", "ClaimJurisdiction", "--json", UNREAD[code])
    assert (printed.returncode, re.findall(r"[A-Z]{3}-[0-9]{3}", printed.stdout)) == (4, [code])


def test_ser_starts_without_what_it_does_not_need() -> None:
    """`ser` starts quickly, because each command loads only the modules it needs."""
    script = "import sys, deploy.cli.app; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    slow = {"pydantic", "rich.console", "asyncio", "httpx", "jwt", "sqlalchemy", "fastapi", "aiokafka"}
    assert not slow & set(run.stdout.split())


def test_the_private_key_is_for_its_owner_only(home: Home, ser: Ser) -> None:
    """Only the owner can read the private key, so no other user can sign tokens."""
    ser("token", "--lea", "017", "--role", "reader")

    assert (home.root / "keys" / "issuer.pem").stat().st_mode & 0o777 == 0o600
    assert home.root.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "wrong", "advice"),
    [
        (["status"], "not running", "ser up"),
        (["tail"], "not running", "ser up"),
        (["console"], "not running", "ser up"),
        (["logs", "students"], "no log", "ser up"),
        (["token", "--lea", "0017", "--role", "writer"], "'0017'", "three characters"),
        (["token", "--lea", "999", "--role", "writer"], "999 is no LEA", "contracts/codes/leas.csv"),
        (["commands", "AddStudnet"], "AddStudnet", "Did you mean AddStudent?"),
        (["send", "AddStudnet", "--json", "{}"], "AddStudnet", "Did you mean AddStudent?"),
        (["send", "AddStudent"], "no JSON", "--file"),
        (["send", "AddStudent", "--file", "nowhere.json"], "nowhere.json", "Name a file"),
        (["up", "--service", "payroll"], "payroll", "students"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(words: list[str], wrong: str, advice: str, ser: Ser) -> None:
    """After a mistake `ser` says what is wrong and what to do, and shows no traceback."""
    answer = ser(*words)

    assert answer.returncode == 1
    assert wrong in answer.stderr
    assert advice in answer.stderr
    assert "Traceback" not in answer.stderr + answer.stdout


def test_a_word_that_is_none_is_a_wrong_call(ser: Ser) -> None:
    """For an unknown role or command `ser` lists the known ones."""
    role, command = ser("token", "--lea", "017", "--role", "king"), ser("dance")

    assert (role.returncode, command.returncode) == (2, 2)
    assert "iep-submitter" in role.stderr


def test_stopping_what_does_not_run_is_no_error(ser: Ser) -> None:
    """`ser down` without a running system is no error."""
    assert ser("down").returncode == ser("down").returncode == 0


def test_a_defect_of_ser_itself_goes_into_its_log(home: Home, ser: Ser) -> None:
    """After a defect of `ser` itself the user reads one sentence, and the log has the details."""
    home.make()
    home.run_file.write_text(json.dumps({"not": "a run"}))

    answer = ser("status")

    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert "KeyError" in answer.stderr
    assert "Traceback" in home.log("ser").read_text()


def test_since_when_in_words() -> None:
    """`ser status` shows a process's age in its largest unit."""
    told = [since(seconds) for seconds in (0, 59.4, 60, 7_199, 7_200, 200_000)]
    assert told == ["0 s", "59 s", "1 min", "1 h", "2 h", "2 d"]
