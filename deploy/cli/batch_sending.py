"""`ser batch send`: sends a batch file, shows how far it has come, and saves what comes back."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from rich.markup import escape
from rich.table import Table

from deploy.cli.address import address_of
from deploy.cli.batch import REFUSED, show_findings
from deploy.cli.screen import BAD, BUSY, GOOD, out
from deploy.local.command_line import ser
from deploy.local.failure import Failure
from intake.answering.batch import BatchWithFiles
from intake.verdicts import TO_CORRECT, BatchState, Verdict

ACCEPTED, UNDECIDED = 0, 5
"""Exit codes: every row was accepted, or was accepted before; a row is held, or the token expired."""

_LOOK_SECONDS = 0.5
_TIMEOUT_SECONDS = 60.0
_OPEN = (BatchState.RECEIVED, BatchState.READING, BatchState.SENDING)
_PIECE = 65_536


def send(
    path: Path, token: str, options: Mapping[str, Any], verdicts_to: Path | None, to_correct: Path | None
) -> int:
    """Send the file, wait until it is done, and print what became of its rows. Gives the exit code.

    Failure: intake does not answer, or refuses the file.
    """
    url = address_of("intake")
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=_TIMEOUT_SECONDS
    ) as client:
        batch = _followed(client, _sent(client, path, options))
        _show(batch)
        if verdicts_to is not None:
            _save(client, f"/batches/{batch.batch_id}/verdicts.csv", verdicts_to)
            out.print(f"The verdict of each row is in {verdicts_to}.", soft_wrap=True)
        if to_correct is not None and any(batch.verdicts[one] for one in TO_CORRECT):
            _save_rows(client, batch, to_correct)
    return _exit_code(batch)


def _sent(client: httpx.Client, path: Path, options: Mapping[str, Any]) -> BatchWithFiles:
    given = {name: value for name, value in options.items() if value}
    headers = {"Content-Type": "application/octet-stream"}
    answer = _answered(
        lambda: client.post(
            "/batches", params={"name": path.name, **given}, content=_pieces(path), headers=headers
        )
    )
    batch = BatchWithFiles.model_validate(answer.json())
    if answer.status_code == httpx.codes.OK:
        out.print("This file was sent before with the same options: here is what became of it.")
    out.print(f"{BUSY} batch {batch.batch_id}")
    return batch


def _followed(client: httpx.Client, batch: BatchWithFiles) -> BatchWithFiles:
    """The batch when it is done. Meanwhile a line says how far it has come."""
    with out.status(_progress(batch)) as status:
        while batch.state in _OPEN:
            time.sleep(_LOOK_SECONDS)
            path = f"/batches/{batch.batch_id}"
            batch = BatchWithFiles.model_validate(_answered(lambda path=path: client.get(path)).json())
            status.update(_progress(batch))
    return batch


def _progress(batch: BatchWithFiles) -> str:
    if batch.state is not BatchState.SENDING:
        return f"{batch.state.value} …"
    left = f", about {batch.seconds_left} s to go" if batch.seconds_left else ""
    return f"sending: {batch.read - batch.left:,} of {batch.read:,} rows have a verdict{left}"


def _show(batch: BatchWithFiles) -> None:
    if batch.files:
        out.print(_table(batch))
    show_findings(batch.findings)
    for file in batch.files:
        show_findings(file.findings, file.name)
    match batch.state:
        case BatchState.REFUSED:
            out.print(f"{BAD} Nothing of this batch was sent.")
        case BatchState.WAITING:
            out.print(f"{BAD} The token expired. Send the same file again to go on: {ser('batch send')}")
        case BatchState.CHECKED:
            out.print(f"{GOOD} {batch.left:,} of {batch.read:,} rows can be sent. Nothing was sent.")
        case _:
            not_accepted = sum(batch.verdicts[one] for one in (*TO_CORRECT, Verdict.HELD))
            mark = BAD if not_accepted else GOOD
            out.print(f"{mark} {batch.read - not_accepted:,} of {batch.read:,} rows are on the record.")


def _table(batch: BatchWithFiles) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column("file")
    for heading in ("rows", *Verdict):
        table.add_column(heading, justify="right")
    for file in batch.files:
        counts = (file.read, *(file.verdicts[verdict] for verdict in Verdict))
        table.add_row(escape(file.name), *(f"{count:,}" for count in counts))
    return table


def _save_rows(client: httpx.Client, batch: BatchWithFiles, folder: Path) -> None:
    """Save the rows to correct into a folder, a CSV for each file."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in batch.files:
        if any(file.verdicts[one] for one in TO_CORRECT):
            path = folder / Path(file.name).name
            _save(client, f"/batches/{batch.batch_id}/to_correct/{file.name}", path)
            out.print(f"Rows to correct: {path}. Correct them and send the file.", soft_wrap=True)


def _save(client: httpx.Client, address: str, path: Path) -> None:
    path.write_bytes(_answered(lambda: client.get(address)).content)


def _answered(ask: Any) -> httpx.Response:
    """The answer. Failure: there is none, or it is a refusal."""
    try:
        answer: httpx.Response = ask()
    except httpx.HTTPError as failure:
        raise Failure(
            f"Intake does not answer: {type(failure).__name__}.", f"See {ser('status')}."
        ) from failure
    if answer.is_success:
        return answer
    kind = answer.headers.get("content-type", "")
    found = answer.json().get("findings", ()) if "json" in kind else ()
    what = " ".join(f"{one['code']}: {one['message']}" for one in found) or answer.text
    raise Failure(what, " ".join(one["solution"] for one in found) or f"See {ser('logs intake')}.")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _exit_code(batch: BatchWithFiles) -> int:
    if batch.state is BatchState.WAITING or batch.verdicts[Verdict.HELD]:
        return UNDECIDED
    refused = batch.state is BatchState.REFUSED or any(batch.verdicts[one] for one in TO_CORRECT)
    return REFUSED if refused else ACCEPTED
