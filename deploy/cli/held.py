"""`ser held`: shows the held messages; an operator retries them or refuses one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
from rich.markup import escape
from rich.table import Table

from contracts.catalog import SERVICES
from deploy.cli.address import address_of
from deploy.cli.screen import BUSY, GOOD, err, out
from deploy.cli.status import since
from deploy.local.command_line import ser
from deploy.local.failure import Failure

_TIMEOUT_SECONDS = 60.0
_PAGE = 1000


def causes(token: str) -> bool:
    """Prints the number of held messages by service and cause. True: no message needs an operator."""
    found = [
        (service, cause) for service in _running() for cause in _ask(service, token, "GET", "/held/causes")
    ]
    if not found:
        out.print(f"{GOOD} No service holds a message.")
        return True
    out.print(_table(found))
    stuck = any(cause["operator_needed"] for _, cause in found)
    if stuck:
        out.print(
            f"One student's messages, and what to do: {escape(ser('held show SUBJECT'))}", soft_wrap=True
        )
    return not stuck


def show(subject: str, token: str) -> bool:
    """Prints every held message of a subject. True: no message needs an operator."""
    found = list(_held(subject, token))
    if not found:
        out.print(f"{GOOD} No service holds a message for {escape(subject)}.")
    for service, message in found:
        _show(service, message)
    return not any(message["operator_needed"] for _, message in found)


def retry(subject: str, token: str) -> bool:
    """Retries all held messages of a subject. True: no message is held afterwards.

    Failure: no service holds a message for the subject.
    """
    services = _holding(subject, token)
    left = 0
    for service in services:
        err.print(f"{BUSY} {service} retries", soft_wrap=True)
        still = _ask(service, token, "POST", "/held/retry", {"subject": subject})["still_held"]
        mark, what = (BUSY, f"still holds {still}") if still else (GOOD, "holds no more messages")
        out.print(f"{mark} {service} {what} for {escape(subject)}.", soft_wrap=True)
        left += still
    if left:
        out.print(f"Why: {escape(ser(f'held show {subject}'))}", soft_wrap=True)
    return not left


def refuse(subject: str, reason: str, message_id: str | None, token: str) -> None:
    """Refuses one held message: the one with this id, else the only one that met a defect.

    Failure: there is none, or there are several.
    """
    service, message = _chosen(subject, message_id, token)
    body = {"subject": subject, "id": message["id"], "reason": reason}
    done = _ask(service, token, "POST", "/held/refuse", body)
    out.print(f"{GOOD} {service} {done['name']} {done['id']}: {done['action']}", soft_wrap=True)


def _chosen(subject: str, message_id: str | None, token: str) -> tuple[str, dict[str, Any]]:
    found = list(_held(subject, token))
    wanted = [
        (service, message)
        for service, message in found
        if (message["id"] == message_id if message_id else message["defect"])
    ]
    if len(wanted) == 1:
        return wanted[0]
    if not found:
        raise _nothing(subject)
    which = f"have the id {message_id}" if message_id else "met a defect"
    ids = ", ".join(message["id"] for _, message in found[:5])
    raise Failure(f"{len(wanted)} held messages for {subject} {which}.", f"Name one with --id: {ids}")


def _holding(subject: str, token: str) -> list[str]:
    services = list(dict.fromkeys(service for service, _ in _held(subject, token)))
    if not services:
        raise _nothing(subject)
    return services


def _nothing(subject: str) -> Failure:
    return Failure(f"No service holds a message for {subject}.", f"See the held messages: {ser('held')}")


def _held(subject: str, token: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for service in _running():
        after: str | None = ""
        while after is not None:
            query = {"subject": subject, "limit": str(_PAGE), "after": after}
            page = _ask(service, token, "GET", "/held", params=query)
            yield from ((service, message) for message in page["held"])
            after = page["next"]


def _running() -> list[str]:
    """The running services. Prints the name of each other service. Failure: no service runs."""
    running: list[str] = []
    for service in SERVICES:
        try:
            address_of(service)
        except Failure as failure:
            away = failure
            err.print(f"[yellow]![/] {service} does not run, so its messages are not shown.", soft_wrap=True)
        else:
            running.append(service)
    if not running:
        raise away
    return running


def _ask(
    service: str,
    token: str,
    method: str,
    path: str,
    body: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
) -> Any:
    """The service's answer. Failure: it does not answer, or refuses."""
    url = address_of(service)
    try:
        answer = httpx.request(
            method,
            url + path,
            json=body,
            params=params,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
        )
    except httpx.HTTPError as error:
        raise Failure(
            f"{service} does not answer: {error}.", f"See which component is not ready: {ser('status')}"
        ) from error
    if answer.is_success:
        return answer.json()
    (finding, *_) = answer.json()["findings"]
    raise Failure(f"{service}: {finding['message']}", finding["solution"])


def _table(found: list[tuple[str, dict[str, Any]]]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for heading in ("service", "cause", "defect"):
        table.add_column(heading, no_wrap=True)
    for heading in ("messages", "subjects", "oldest"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("why")
    for service, cause in found:
        table.add_row(
            service,
            cause["code"],
            cause["defect"] or "",
            f"{cause['messages']:,}",
            f"{cause['subjects']:,}",
            _age(cause["since"]),
            escape(cause["message"]),
        )
    return table


def _show(service: str, message: dict[str, Any]) -> None:
    sender = f" from {message['sender']}" if message["sender"] else ""
    what = f"{service} {message['name']}{sender}, held for {_age(message['since'])}"
    out.print(f"{BUSY} {escape(what)}  [dim]{escape(message['id'])}[/]", soft_wrap=True)
    finding, defect = message["finding"], message["defect"]
    met = f" [dim]({escape(defect)})[/]" if defect else ""
    out.print(f"  [yellow]{finding['code']}[/]{met} {escape(finding['message'])}", soft_wrap=True)
    out.print(f"    [cyan]→[/] {escape(finding['solution'])}", soft_wrap=True)
    if message["until"]:
        out.print(f"  The service holds it until {message['until']}.", soft_wrap=True)
    if defect:
        out.print(f"  Retry: {escape(ser('held retry ' + message['subject']))}", soft_wrap=True)
        refuse_it = ser(f'held refuse {message["subject"]} --id {message["id"]} --reason "…"')
        out.print(f"  Refuse: {escape(refuse_it)}", soft_wrap=True)


def _age(at: str) -> str:
    return since((datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds())
