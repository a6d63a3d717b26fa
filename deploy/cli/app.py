"""The `ser` command: start SER on this machine, use it, and stop it.

Exit codes: 0 done; 1 failed; 2 wrong arguments; 3 a component is not ready, or a held message needs an
operator; 4 a command was refused; 5 a command is held, or has no outcome yet.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from contracts.roles import STATE, Role
from deploy.local.command_line import ser
from deploy.local.failure import Failure
from deploy.local.home import TREE, Home

_HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="ser",
    help="Start SER on this machine, see its state, send commands, and stop it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=_HELP,
    epilog=" ".join((__doc__ or "").splitlines()[2:4]),
)

_LEAS_ARE = "LEAs are named as in contracts/codes/leas.csv: three characters, such as 017; the state is LA."


def _version(shown: bool) -> None:
    if shown:
        print(f"ser {_number()}")
        raise typer.Exit


def _number() -> str:
    """The version of the installed package, else that of the tree."""
    import tomllib
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("ser")
    except PackageNotFoundError:
        return str(tomllib.loads((TREE / "pyproject.toml").read_text())["project"]["version"])


@app.callback()
def _every_call(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None: ...


_RUNNING, _TALKING = "Running the system", "Using the system"

Lea = Annotated[str, typer.Option(help="The LEA you act for: three characters, or LA for the state.")]
Roles = Annotated[list[Role], typer.Option("--role", help="Your role; may be repeated.")]
Subject = Annotated[str, typer.Option(help="Your user name; the records name it.")]
Token = Annotated[
    str | None,
    typer.Option(envvar="SER_TOKEN", help="A signed token; without one, --lea and --role sign one."),
]
Prefix = Annotated[str, typer.Option(envvar="SER_TOPIC_PREFIX", help="The prefix of the topics' names.")]


@app.command(rich_help_panel=_RUNNING)
def up(
    service: Annotated[
        list[str] | None,
        typer.Option(
            help="Start only this service, issuer or console, with Kafka and PostgreSQL; may be repeated."
        ),
    ] = None,
) -> None:
    """Start Kafka, PostgreSQL, the five services, the issuer and the console. Wait until all are ready."""
    from deploy.cli import lifecycle
    from deploy.local.program import PROGRAMS

    unknown = sorted(set(service or ()) - set(PROGRAMS))
    if unknown:
        raise Failure(f"There is no service {', '.join(unknown)}.", f"There are: {', '.join(PROGRAMS)}.")
    lifecycle.start(service or PROGRAMS)


@app.command(rich_help_panel=_RUNNING)
def down() -> None:
    """Stop everything. Data and logs stay on disk."""
    from deploy.cli import lifecycle

    lifecycle.stop()


@app.command(rich_help_panel=_RUNNING)
def status() -> None:
    """Show every process: port, age, memory, processor, lag, restarts, readiness."""
    from deploy.cli import status as table

    if not table.show():
        raise typer.Exit(3)


@app.command(rich_help_panel=_RUNNING)
def logs(
    name: Annotated[str, typer.Argument(help="kafka, postgres, supervisor, issuer, console or a service.")],
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="The number of lines.")] = 40,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Follow the log until Ctrl-C.")] = False,
) -> None:
    """Print the end of a component's log."""
    from deploy.cli import logs as printed

    printed.show(name, lines, follow)


@app.command(rich_help_panel=_TALKING)
def console() -> None:
    """Open the web console in a browser, and show who can sign in there."""
    from deploy.cli import console as opened

    opened.show()


topics = typer.Typer(no_args_is_help=True, help="Kafka's topics.", context_settings=_HELP)
app.add_typer(topics, name="topics", rich_help_panel=_RUNNING)


@topics.callback()
def _topics() -> None:
    """Kafka's topics."""


@topics.command("add-partitions")
def add_partitions(
    count: Annotated[
        int, typer.Argument(min=1, help="The new number for each topic: a multiple of the present one.")
    ],
    prefix: Prefix = "",
) -> None:
    """Give every topic more partitions. Keys move, so all services must have read all messages before."""
    import asyncio

    from deploy import topics as made
    from deploy.cli.address import address_of

    before = asyncio.run(made.add_partitions(address_of("kafka"), count, prefix))
    print(made.moved(before, count))


@app.command(
    rich_help_panel=_RUNNING,
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def demo(context: typer.Context) -> None:
    """Send students' histories through the system and compare the child count with the published one."""
    # Imported here, because it loads a solver that no other command needs.
    from deploy.demo.command import demo as run

    inner = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings=_HELP)
    inner.command()(run)
    inner(args=context.args, prog_name="ser demo")


@app.command(rich_help_panel=_TALKING)
def token(
    lea: Annotated[
        list[str],
        typer.Option(help="The token's LEA: three characters, or LA for the state; may be repeated."),
    ],
    role: Roles,
    hours: Annotated[float, typer.Option(min=0.01, help="The token's lifetime in hours; 12 at most.")] = 8,
    subject: Subject = "developer",
) -> None:
    """Print a token of the development issuer, for `Authorization: Bearer` or `ser send --token`.

    For several LEAs it prints a line for each, in their order.
    """
    for one in [_signed(one, role, subject, hours) for one in lea]:
        print(one)


@app.command(rich_help_panel=_TALKING)
def commands(
    name: Annotated[str | None, typer.Argument(help="A command, to see its fields and an example.")] = None,
) -> None:
    """List all commands, or show one with its fields."""
    from deploy.cli import commands as shown

    shown.show(name)


@app.command(rich_help_panel=_TALKING)
def send(
    name: Annotated[str, typer.Argument(help="The command, such as AddStudent.")],
    file: Annotated[
        str | None, typer.Option("--file", "-f", help="A file with its JSON; - is standard input.")
    ] = None,
    json: Annotated[str | None, typer.Option(help="Its JSON.")] = None,
    wait: Annotated[int, typer.Option(min=0, max=30, help="Seconds to wait for the outcome.")] = 5,
    token: Token = None,
    lea: Lea = STATE,
    role: Roles = [Role.WRITER, Role.STATE],  # noqa: B006 - typer reads the default from the signature
    subject: Subject = "developer",
    command_id: Annotated[
        str | None, typer.Option("--id", help="The command's UUID; the same id gets the same outcome.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what the command would get now. Nothing changes.")
    ] = False,
) -> None:
    """Send a command to the service that decides it, and print the outcome.

    Exit codes: 0 accepted; 4 refused; 5 held, or no outcome within --wait seconds.
    """
    from deploy.cli import send as door

    body = door.body_of(file, json)
    token = token or _signed(lea, role, subject, hours=1)
    if dry_run:
        raise typer.Exit(door.dry_run(name, body, token))
    raise typer.Exit(door.send(name, body, token, wait, command_id))


@app.command(rich_help_panel=_TALKING)
def outcome(
    command_id: Annotated[
        str, typer.Argument(metavar="ID", help="The command's UUID, as `ser send` printed it.")
    ],
    command: Annotated[
        str | None, typer.Option(help="Its name, to ask only the service that decides it.")
    ] = None,
    token: Token = None,
    lea: Lea = STATE,
    role: Roles = [Role.READER, Role.STATE],  # noqa: B006 - typer reads the default from the signature
    subject: Subject = "developer",
) -> None:
    """Print the outcome of a command that was sent before.

    Exit codes: 0 accepted; 4 refused; 5 still held.
    """
    from deploy.cli import send as door

    raise typer.Exit(door.outcome(command_id, token or _signed(lea, role, subject, hours=1), command))


@app.command(rich_help_panel=_TALKING)
def tail(
    topic: Annotated[
        list[str] | None, typer.Argument(help="Topics to follow; without a name, all topics.")
    ] = None,
    oldest: Annotated[
        bool, typer.Option("--oldest", help="Begin with the oldest message, not with now.")
    ] = False,
    count: Annotated[
        int | None, typer.Option("--count", "-n", min=1, help="End after this number of messages.")
    ] = None,
    prefix: Prefix = "",
) -> None:
    """Follow topics, one line per message, until Ctrl-C."""
    import asyncio

    from deploy.cli import tail as records
    from deploy.cli.address import address_of

    asyncio.run(records.follow(address_of("kafka"), topic or (), prefix=prefix, oldest=oldest, count=count))


@app.command(rich_help_panel=_TALKING)
def bridge(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Identity changes: .csv, or .jsonl.")
    ],
    check: Annotated[bool, typer.Option("--check", help="Check the file only, and send nothing.")] = False,
    prefix: Prefix = "",
) -> None:
    """Publish what eScholar says of identities, from a file. Prints a verdict for each row, as CSV.

    The whole file is checked first. It may be sent again: nothing takes effect twice. Exit codes: 0 sent;
    4 a row was refused, and nothing was sent.
    """
    import asyncio

    from deploy.bridge import command
    from deploy.cli.address import address_of

    if check:
        raise typer.Exit(command.only_check(file))
    raise typer.Exit(asyncio.run(command.bridge(file, address_of("kafka"), prefix)))


batch = typer.Typer(no_args_is_help=True, help="Batch files.", context_settings=_HELP)
app.add_typer(batch, name="batch", rich_help_panel=_TALKING)

RecordType = Annotated[
    str, typer.Option("--as", help="The record type of a CSV file whose name does not say it.")
]
Dates = Annotated[str | None, typer.Option(help="How days are written: YYYY-MM-DD, MM/DD/YYYY or YYYYMMDD.")]
RowCount = Annotated[int | None, typer.Option(min=0, help="How many rows there should be.")]
StudentCount = Annotated[int | None, typer.Option(min=0, help="How many State IDs there should be.")]
Verdicts = Annotated[
    Path | None, typer.Option(dir_okay=False, help="Write a verdict for each row into this CSV file.")
]
BatchFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file, or a ZIP of them.")]


@batch.callback()
def _batch() -> None:
    """Check batch files: tables of students, claims, evaluations, IEPs, services and more."""


@batch.command("read")
def batch_read(
    file: BatchFile,
    lea: Annotated[str, typer.Option(help="The LEA of the rows: three characters.")],
    record_type: RecordType = "",
    dates: Dates = None,
    rows: RowCount = None,
    students: StudentCount = None,
    anyway: Annotated[bool, typer.Option(help="Accept a file most of whose rows cannot be read.")] = False,
    verdicts: Verdicts = None,
    to_correct: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write the unread rows into this folder.")
    ] = None,
) -> None:
    """Read a batch file and say what is wrong with it. Nothing is sent, and no system has to run.

    Exit codes: 0 every row can be sent; 4 a row cannot be read, or nothing can be sent.
    """
    from deploy.cli import batch as files
    from intake.reading.submission import Announced

    announced = Announced(lea, record_type, files.dates_named(dates), rows, students, anyway)
    raise typer.Exit(files.read(file, announced, verdicts, to_correct))


@batch.command("send")
def batch_send(
    file: BatchFile,
    token: Token = None,
    lea: Lea = STATE,
    role: Roles = [Role.WRITER, Role.IEP_SUBMITTER],  # noqa: B006 - typer reads the default from the signature
    subject: Subject = "developer",
    record_type: RecordType = "",
    dates: Dates = None,
    rows: RowCount = None,
    students: StudentCount = None,
    anyway: Annotated[bool, typer.Option(help="Send a file most of whose rows cannot be read.")] = False,
    check: Annotated[bool, typer.Option(help="Have intake read the file, and send nothing.")] = False,
    verdicts: Verdicts = None,
    to_correct: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write the rows to correct into this folder.")
    ] = None,
) -> None:
    """Send a batch file, wait until each row has a verdict, and show how many were accepted.

    Sending the same file again is harmless. Exit codes: 0 every row was accepted, now or before; 4 a row was
    not, or nothing was sent; 5 a row is held, or the token expired: send the file again.
    """
    from deploy.cli import batch_sending

    options = {
        "record_type": record_type,
        "date_format": dates,
        "rows": rows,
        "students": students,
        "anyway": anyway,
        "check": check,
    }
    signed = token or _signed(lea, role, subject, hours=8)
    raise typer.Exit(batch_sending.send(file, signed, options, verdicts, to_correct))


@batch.command("guide")
def batch_guide() -> None:
    """Print the guide for data managers: every file with its columns, and the rules. It is Markdown."""
    from deploy.cli import batch as files

    files.show_guide()


@batch.command("templates")
def batch_templates(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="The folder to write into.")],
) -> None:
    """Write a spreadsheet (XLSX) for each file: columns as text, codes as lists, a note for each column."""
    from deploy.cli import batch as files

    files.write_all_templates(folder)


held = typer.Typer(invoke_without_command=True, help="Held messages.", context_settings=_HELP)
app.add_typer(held, name="held", rich_help_panel=_TALKING)

Held = Annotated[str, typer.Argument(metavar="SUBJECT", help="The State ID, or another subject.")]
Operator = Annotated[str, typer.Option(help="Your user name, which the service records.")]


@held.callback()
def _held(context: typer.Context, token: Token = None, operator: Operator = "developer") -> None:
    """Show held messages by cause, retry them, or refuse one.

    Without --token it signs a token of the state office. Exit codes: 0 no message needs an operator;
    3 a message does.
    """
    from deploy.cli import held as messages

    context.obj = token or _signed(STATE, [Role.STATE], operator, hours=1)
    if context.invoked_subcommand is None and not messages.causes(context.obj):
        raise typer.Exit(3)


@held.command("show")
def held_show(context: typer.Context, subject: Held) -> None:
    """Show a subject's held messages: sender, cause, what to do. Exit codes as for `ser held`."""
    from deploy.cli import held as messages

    if not messages.show(subject, context.obj):
        raise typer.Exit(3)


@held.command("retry")
def held_retry(context: typer.Context, subject: Held) -> None:
    """Retry all held messages of a subject.

    Exit codes: 0 no message is held any more; 5 a message is still held.
    """
    from deploy.cli import held as messages

    if not messages.retry(subject, context.obj):
        raise typer.Exit(5)


@held.command("refuse")
def held_refuse(
    context: typer.Context,
    subject: Held,
    reason: Annotated[
        str, typer.Option(help="The reason that the sender reads. Name no person: it is kept for ever.")
    ],
    message_id: Annotated[
        str | None, typer.Option("--id", help="The message's id, if several met a defect.")
    ] = None,
) -> None:
    """Refuse a held command, so that its sender gets an outcome; a held event becomes a dead letter."""
    from deploy.cli import held as messages

    messages.refuse(subject, reason, message_id, context.obj)


def _signed(lea: str, roles: list[Role], subject: str, hours: float) -> str:
    from pydantic import ValidationError

    from contracts.access import Actor
    from contracts.codes import LEAS
    from deploy.local.issuer import Issuer

    try:
        Actor(sub=subject, lea=lea, roles=frozenset(roles))
    except ValidationError as error:
        what = "; ".join(f"{problem['loc'][0]} is {problem['input']!r}" for problem in error.errors())
        raise Failure(f"No token can have this: {what}.", _LEAS_ARE) from error
    if lea not in (STATE, *LEAS):
        raise Failure(f"{lea} is no LEA of the state.", _LEAS_ARE)
    home = Home.chosen()
    home.make()
    return Issuer(home).token(lea, roles, subject, hours)


def main() -> None:
    """Runs `ser`. It reports every error as a sentence, never as a traceback."""
    try:
        app()
    except Failure as failure:
        _say(failure)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        from deploy.cli import screen

        screen.quietly_end()
    except Exception as error:
        _say(_unforeseen(error))
        sys.exit(1)
    except BaseException as ended:
        if type(ended).__name__ == "CancelledError":  # by name, because importing asyncio would be slow
            sys.exit(130)
        raise


def _say(failure: Failure) -> None:
    from deploy.cli import screen

    screen.show_failure(failure)


def _unforeseen(error: Exception) -> Failure:
    """A defect of `ser` itself: the details go into its log."""
    import traceback

    home = Home.chosen()
    home.make()
    with home.log("ser").open("a") as log:
        log.write(f"{' '.join(sys.argv)}\n{traceback.format_exc()}\n")
    return Failure(
        f"ser itself failed: {type(error).__name__}: {error}.",
        f"This is a defect; the details are at the end of {home.log('ser')}."
        f" Is everything up? {ser('status')}",
    )
