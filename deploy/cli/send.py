"""`ser send`: a command through the HTTP door of the service that decides it."""

import json
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from rich.markup import escape

from contracts.catalog import Entry, commands
from contracts.outcome import Status
from deploy.cli.address import address_of
from deploy.cli.screen import BAD, BUSY, GOOD, out
from deploy.local.command_line import ser
from deploy.local.failure import Failure

_PATIENCE_SECONDS = 10.0
_HELD = (
    "It waits for what is named here. If that does not come in time (SER_HOLD_SECONDS, a minute unless set),"
    " it is refused."
)


def body_of(file: str | None, text: str | None) -> bytes:
    """The command's JSON from a file, from standard input (-) or as it was typed. Failure: it is not JSON."""
    if (file is None) == (text is None):
        raise Failure(
            "Say once what to send.",
            "Either --file FILE (- reads standard input) or --json TEXT."
            f" Which fields it has: {ser('commands')} NAME",
        )
    body = _read(file) if file is not None else (text or "").encode()
    try:
        json.loads(body)
    except ValueError as error:
        raise Failure(
            f"That is not JSON: {error}.", "Look at contracts/examples for a body of each command."
        ) from error
    return body


def entry_named(name: str) -> Entry:
    """A command of the catalog. Failure: there is none of that name."""
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


def send(name: str, body: bytes, token: str, wait: int, command_id: str | None) -> bool:
    """Posts the command and prints its outcome; False if it was refused. Failure: nobody answers."""
    entry = entry_named(name)
    url = address_of(entry.owner)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Command-Id": command_id or str(uuid4()),
        "Prefer": f"wait={wait}",
    }
    answer = _post(f"{url}/commands/{name}", body, headers, wait)
    said = answer.json() if "json" in answer.headers.get("content-type", "") else {"detail": answer.text}
    _show(name, headers["Command-Id"], answer, said)
    return answer.is_success


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Failure(
            f"{file} cannot be read: {error.strerror}.", "Name a file, or - for standard input."
        ) from error


def _post(url: str, body: bytes, headers: dict[str, str], wait: int) -> httpx.Response:
    try:
        return httpx.post(
            url, content=body, headers=headers, timeout=wait + _PATIENCE_SECONDS, trust_env=False
        )
    except httpx.HTTPError as error:
        raise Failure(
            f"{url} does not answer: {error}.", f"See which part is not ready: {ser('status')}"
        ) from error


def _show(name: str, command_id: str, answer: httpx.Response, said: dict[str, Any]) -> None:
    status = said.get("status")
    if not answer.is_success:
        why = f"{answer.status_code} {answer.reason_phrase}"
        out.print(f"{BAD} {name} refused ({why})  [dim]{command_id}[/]", soft_wrap=True)
    elif status == "accepted":
        out.print(f"{GOOD} {name} accepted  [dim]{command_id}[/]", soft_wrap=True)
    else:
        where = f"{answer.url.copy_with(path=said.get('outcome', answer.headers.get('location', '/')))}"
        out.print(
            f"{BUSY} {name} {status}  [dim]{command_id}[/]\n"
            f"  Its outcome will be at {where}, for a token of the LEA that sent it",
            soft_wrap=True,
        )
    if status == Status.HELD:
        out.print(f"  {_HELD}", soft_wrap=True)
    findings = said.get("findings") or ()
    for finding in findings:
        _show_finding(finding)
    if not findings and not answer.is_success:
        out.print(f"  {escape(str(said.get('detail', '')))}", soft_wrap=True)


def _show_finding(finding: dict[str, Any]) -> None:
    colour = "yellow" if finding.get("severity") == "warning" else "red"
    where = f" [dim]({finding['field']})[/]" if finding.get("field") else ""
    out.print(f"  [{colour}]{finding['code']}[/]{where} {escape(finding['message'])}", soft_wrap=True)
    out.print(f"    [cyan]→[/] {escape(finding['solution'])}", soft_wrap=True)
