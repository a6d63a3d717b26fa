"""`ser send`: posts a command to its service, or tries it. `ser outcome`: shows its outcome later."""

import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from rich.markup import escape

from contracts.catalog import Entry, commands
from contracts.errors import NO_OUTCOME
from contracts.outcome import Status
from deploy.cli.address import address_of
from deploy.cli.screen import BAD, BUSY, GOOD, out
from deploy.local.command_line import ser
from deploy.local.failure import Failure
from services.chassis.decoding.bodies import read_command

ACCEPTED, IN_THE_WAY, REFUSED, UNDECIDED = 0, 1, 4, 5
"""Exit codes: accepted; the service could not take the command; refused; held, or no outcome yet."""

_TIMEOUT_SECONDS = 10.0
_HELD = (
    "The service holds it until the event named here arrives. If the event does not arrive in time"
    " (SER_HOLD_SECONDS, 60 by default), the service refuses the command."
)


def body_of(file: str | None, text: str | None) -> bytes:
    """The command's JSON from a file, from standard input (-) or from the option."""
    if (file is None) == (text is None):
        raise Failure(
            "The command has no JSON, or has it twice.",
            "Use either --file FILE (- reads standard input) or --json TEXT."
            f" See the fields of a command: {ser('commands')} NAME",
        )
    return _read(file) if file is not None else (text or "").encode()


def entry_named(name: str) -> Entry:
    """A command of the catalog. Failure: there is no such command."""
    known = commands()
    if name not in known:
        close = get_close_matches(name, known, n=3)
        hint = (
            f"Did you mean {' or '.join(close)}?"
            if close
            else f"The commands are: {', '.join(sorted(known))}."
        )
        raise Failure(f"There is no command {name!r}.", hint)
    return known[name]


def send(name: str, body: bytes, token: str, wait: int, command_id: str | None) -> int:
    """Posts the command, prints its outcome and gives the exit code. Failure: the service does not answer."""
    entry = entry_named(name)
    if _unreadable(entry, body):
        return REFUSED
    headers = _headers(token) | {"Command-Id": command_id or str(uuid4()), "Prefer": f"wait={wait}"}
    answer = _post(f"{address_of(entry.owner)}/commands/{name}", body, headers, wait)
    reply = _reply(answer)
    _show(name, headers["Command-Id"], answer, reply)
    return _exit_code_of(answer, reply)


def dry_run(name: str, body: bytes, token: str) -> int:
    """Asks what the command would get now, prints it and gives the exit code of `send`. Nothing changes.

    Failure: the service does not answer.
    """
    entry = entry_named(name)
    if _unreadable(entry, body):
        return REFUSED
    url = f"{address_of(entry.owner)}/commands/{name}"
    answer = _post(url, body, _headers(token) | {"Prefer": "dry-run"}, wait=0)
    reply = _reply(answer)
    if "events" not in reply:
        _show(name, "dry run", answer, reply)
        return _exit_code_of(answer, reply)
    out.print(f"{_mark(reply['status'])} {name} would be {reply['status']}  [dim]dry run[/]", soft_wrap=True)
    for event in reply["events"]:
        out.print(f"  {event}", soft_wrap=True)
    for finding in reply["findings"]:
        _show_finding(finding)
    return _exit_code(reply)


def _unreadable(entry: Entry, body: bytes) -> bool:
    """Prints what is wrong with the form of a command, and says whether anything is."""
    read = read_command({entry.name: entry}, entry.name, body)  # the service's own code, so the same findings
    if not isinstance(read, tuple):
        return False
    out.print(f"{BAD} {entry.name} refused before it was sent", soft_wrap=True)
    for finding in read:
        _show_finding(finding.model_dump())
    return True


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def _reply(answer: httpx.Response) -> dict[str, Any]:
    is_json = "json" in answer.headers.get("content-type", "")
    reply: dict[str, Any] = answer.json() if is_json else {"detail": answer.text}
    return reply


def outcome(command_id: str, token: str, name: str | None) -> int:
    """Asks for the outcome of a command, prints it and gives the exit code.

    Asks the service that decides the command `name`, else all services. Failure: no service has an outcome.
    """
    owners = [entry_named(name).owner] if name else sorted({entry.owner for entry in commands().values()})
    for owner in owners:
        answer = _get(f"{address_of(owner)}/commands/{command_id}", token)
        if answer.is_success:
            reply = answer.json()
            _show_outcome(reply["command"], command_id, reply)
            return _exit_code(reply)
        if answer.status_code != httpx.codes.NOT_FOUND:
            (finding, *_) = answer.json()["findings"]
            raise Failure(finding["message"], finding["solution"])
    raise Failure(
        f"No outcome of {command_id} in {', '.join(owners)}.",
        f"{NO_OUTCOME.solution} The token must be of the LEA that sent it, or of the state.",
    )


def _exit_code_of(answer: httpx.Response, reply: dict[str, Any]) -> int:
    if answer.is_success:
        return _exit_code(reply)
    return REFUSED if answer.is_client_error else IN_THE_WAY


def _exit_code(reply: dict[str, Any]) -> int:
    return {Status.ACCEPTED: ACCEPTED, Status.REFUSED: REFUSED}.get(reply.get("status", ""), UNDECIDED)


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Failure(
            f"{file} cannot be read: {error.strerror}.", "Name a file, or - for standard input."
        ) from error


def _get(url: str, token: str) -> httpx.Response:
    try:
        return httpx.get(
            url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise _silent(url, error) from error


def _silent(url: str, error: httpx.HTTPError) -> Failure:
    return Failure(f"{url} does not answer: {error}.", f"See which component is not ready: {ser('status')}")


def _post(url: str, body: bytes, headers: dict[str, str], wait: int) -> httpx.Response:
    try:
        return httpx.post(
            url, content=body, headers=headers, timeout=wait + _TIMEOUT_SECONDS, trust_env=False
        )
    except httpx.HTTPError as error:
        raise _silent(url, error) from error


def _show(name: str, command_id: str, answer: httpx.Response, reply: dict[str, Any]) -> None:
    """Prints the service's answer to a command."""
    if answer.is_success:
        return _show_outcome(name, command_id, reply)
    what = "refused" if answer.is_client_error else "not taken"
    why = f"{answer.status_code} {answer.reason_phrase}"
    out.print(f"{BAD} {name} {what} ({why})  [dim]{command_id}[/]", soft_wrap=True)
    findings = reply.get("findings") or ()
    for finding in findings:
        _show_finding(finding)
    if not findings:
        out.print(f"  {escape(str(reply.get('detail', '')))}", soft_wrap=True)


def _show_outcome(name: str, command_id: str, reply: dict[str, Any]) -> None:
    """Prints an outcome, or that there is none yet."""
    status = reply["status"]
    out.print(f"{_mark(status)} {name} {status}  [dim]{command_id}[/]", soft_wrap=True)
    if status == Status.HELD:
        out.print(f"  {_HELD}", soft_wrap=True)
    if _exit_code(reply) == UNDECIDED:
        later = ser(f"outcome {command_id} --command {name}")
        out.print(f"  See its outcome later, with a token of the same LEA: {escape(later)}", soft_wrap=True)
    for finding in reply.get("findings") or ():
        _show_finding(finding)


def _mark(status: str) -> str:
    return {Status.ACCEPTED.value: GOOD, Status.REFUSED.value: BAD}.get(status, BUSY)


def _show_finding(finding: dict[str, Any]) -> None:
    colour = "yellow" if finding.get("severity") == "warning" else "red"
    where = f" [dim]({finding['field']})[/]" if finding.get("field") else ""
    out.print(f"  [{colour}]{finding['code']}[/]{where} {escape(finding['message'])}", soft_wrap=True)
    out.print(f"    [cyan]→[/] {escape(finding['solution'])}", soft_wrap=True)
