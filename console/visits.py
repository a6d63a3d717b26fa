"""One request of a signed-in person. It asks services, sends commands, and answers with a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from console import rules
from console.backend import Answer, Query, Services
from console.bare_pages import bare_page, frame, given_back
from console.fields import Option
from console.forms import (
    ADD,
    ID,
    LOOK,
    NAME,
    REMOVE,
    Commands,
    FilledForm,
    Form,
    NotBuilt,
    Typed,
    blank_form,
    body_of,
    first,
    numbered,
    typed_form,
    with_theirs,
)
from console.person import Person
from console.rates import Rate, TooMany
from console.received import typed_in
from console.rendering import render
from console.sending import AGAIN, Sent
from console.shared import Shared, shared_by
from console.signing_in import signed_in
from console.timing import WAITED
from console.words import ROLES
from contracts.dates import day_at
from contracts.errors import FIELD_MISSING, Finding
from contracts.outcome import Outcome, Status
from contracts.roles import Role

T = TypeVar("T")

SENT = "sent"
GO_ON = "go_on"
"""The name of a button that posts to the page to which the person goes on after the form was sent."""
_OF_FORMS = (SENT, AGAIN)


class NotAllowed(Exception):
    """The person lacks the role that the page needs."""

    def __init__(self, role: Role) -> None:
        super().__init__(role)
        self.finding = rules.ROLE_NEEDED.broken(role=ROLES[role])


class NoPage(Exception):
    """There is no such page."""


@dataclass
class Visit:
    """One request.

    `typed`: what the browser sent, in a POST. `refused`: the findings about it, by form. `shown`: the forms
    that the page shows as typed; findings of other forms stand at the top of the page. `keeps_id`: the form
    keeps its id when it is shown again, since SER may have taken a command of it.
    """

    request: Request
    person: Person
    services: Services
    typed: Typed = field(default_factory=dict)
    refused: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    status: int = 200
    keeps_id: bool = False

    @property
    def app(self) -> Shared:
        """What the requests of the process share: settings, templates, stores."""
        return shared_by(self.request)

    @property
    def part(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def path(self) -> str:
        """The address of the page, without its parameters."""
        return self.request.url.path

    @property
    def address(self) -> str:
        """The address of the page, with the parameters that say what it shows."""
        kept = [
            (name, value) for name, value in self.request.query_params.multi_items() if name not in _OF_FORMS
        ]
        return quote(self.path) + (f"?{urlencode(kept)}" if kept else "")

    def need(self, *roles: Role) -> None:
        """NotAllowed unless the person holds one of the roles."""
        if not self.person.has(*roles):
            raise NotAllowed(roles[0])

    def limit(self, rate: Rate, times: int = 1) -> None:
        """Count the request as so many. TooMany: the person asks too often."""
        self.app.rates.count(rate, self.person.key, times)

    async def ask(
        self,
        query: Query[T],
        *,
        params: Mapping[str, Any] | None = None,
        body: BaseModel | Mapping[str, Any] | None = None,
        **path: Any,
    ) -> Answer[T]:
        """A service's answer, for this person."""
        return await self.services.ask(query, params=params, body=body, **path)

    def form(
        self,
        form: Form,
        values: BaseModel | Mapping[str, Any] | None = None,
        *,
        options: Mapping[str, Sequence[Option]] | None = None,
        prefix: str = "",
        **given: Any,
    ) -> FilledForm:
        """The form for the page: as typed if it was just refused or is opened again, else with `values`."""
        blank = blank_form(form, values, options, prefix, **given)
        if self.typed.get(NAME) == [form.key]:
            self.shown.add(form.key)
            return typed_form(blank, self.typed, self.refused.get(form.key, ()), self._form_id())
        return blank

    @property
    def _changes_rows(self) -> bool:
        """Whether a button was pressed that adds a row or removes one."""
        return bool(self.typed.get(ADD) or self.typed.get(REMOVE))

    def _form_id(self) -> UUID:
        """The id of a form that is shown again: a new one after a refusal, and if it is opened later.

        It stays if only a row was added or removed, or if a command may have arrived.
        """
        stays = self.request.method == "POST" and (self._changes_rows or self.keeps_id)
        return (stays and uuid_in(first(self.typed, ID))) or uuid4()

    def fresh(self, name: str) -> UUID:
        """The id of a record that a form creates: a new one, or the one of the form that is shown again."""
        return uuid_in(first(self.typed, name)) or uuid4()

    async def sent(self) -> list[Sent]:
        """What became of the commands that the address names: those of a form that was just sent."""
        ids = [one for text in self.request.query_params.getlist(SENT) if (one := uuid_in(text))]
        return await self.app.sending.named(self.person, self.services, ids[:100]) if ids else []

    async def reopen(self) -> None:
        """Fill the form again with what was typed for the command that the address names."""
        again = uuid_in(self.request.query_params.get(AGAIN, ""))
        if again and not self.typed:
            self.typed = await self.app.sending.typed(self.person, again) or {}

    async def page(self, template: str, *, title: str, heading: str = "", **context: Any) -> Response:
        """The page as HTML. `title` is unique among all pages. `heading`: the h1, if it is not the title.

        Browsers keep titles in their history, so a title names no student. A heading may.
        """
        sent = await self.sent() if self.request.method == "GET" else []  # a form shown again is the news
        found = any(self.refused.values())
        whole = context | {
            "title": f"Error: {title}" if found else title,
            "heading": heading or title,
            "sent": sent,
            "unshown": [one for key, some in self.refused.items() if key not in self.shown for one in some],
            "counts": await self.app.sending.counts(self.person),
        }
        shown = self.html(template, **whole)
        if self._lacks_form(shown):
            findings = [one for some in self.refused.values() for one in some]
            return await given_back(self.request, self.status, "The form was not sent", findings)
        return shown

    def _lacks_form(self, page: Response) -> bool:
        """Whether a form is to be sent again, and the page cannot show it: a service is away."""
        return (
            self.status == 503
            and f'name="{NAME}" value="{first(self.typed, NAME)}"' not in bytes(page.body).decode()
        )

    def failed(self, status: int, title: str, findings: Sequence[Finding]) -> Response:
        """A page that says why there is no answer."""
        return bare_page(self.request, "failed.html", status, title=title, findings=findings)

    def html(self, template: str, **context: Any) -> Response:
        """A template as an answer: a page, or a part of one."""
        whole = {
            **frame(self.request, self.person),
            "visit": self,
            "path": self.path,
            "today": self.today,
            **context,
        }
        return HTMLResponse(render(self.app.templates, template, whole), self.status)

    @property
    def today(self) -> date:
        """The state's present day."""
        return day_at(datetime.now(UTC))

    async def take(self, form: Form) -> Response | None:
        """Send what was typed. Returns where to go; None if the page is to be shown again, with findings."""
        if self._changes_rows or self.typed.get(LOOK):
            return None
        root, commands = uuid_in(first(self.typed, ID)), await self.commands_of(form)
        if root is None:
            raise NoPage
        if commands is None:
            return None
        try:
            self.limit(Rate.COMMAND, len(commands))
        except TooMany as failure:
            self.refuse(form, [failure.finding], 429)
            return None
        with_ids = numbered(root, commands, form.each)
        answers = await self.app.sending.send(self, with_ids, chain=form.chain)
        decided = all(answer.ok for answer in answers)
        if not (form.verdicts and decided) and (findings := _refusals(answers)):
            self.keeps_id = any(answer.away or _under_way(answer) for answer in answers)
            self.refuse(form, findings, 503 if any(answer.away for answer in answers) else 422)
            return None
        to = (not self.typed.get(GO_ON) and form.next_address(self.typed)) or self.address
        named = "&".join(f"{SENT}={one.command_id}" for one in with_ids[: len(answers)])
        return RedirectResponse(f"{to}{'&' if '?' in to else '?'}{named}", 303)

    async def commands_of(self, form: Form) -> Commands | None:
        """The commands that the typed form asks for. None: it asks for none, and the page says why."""
        body = body_of(form, self.typed, self.today)
        if isinstance(body, tuple):
            self.refuse(form, body)
            return None
        if form.build and (absent := [name for name in form.given if not body.get(name)]):
            self.refuse(form, [FIELD_MISSING.broken(at=name) for name in absent])
            return None
        try:
            commands = await form.build(self, body, self.typed) if form.build else [(form.command, body)]
            if not commands:
                raise NotBuilt([rules.NOTHING_CHOSEN.broken()], 422)
        except NotBuilt as failure:
            self.refuse(form, failure.findings, failure.status)
            return None
        return commands

    def refuse(self, form: Form, findings: Sequence[Finding], status: int = 422) -> None:
        """Show the page again with these findings."""
        self.refused[form.key] = tuple(findings)
        self.status = status


def _refusals(answers: Sequence[Answer[Outcome]]) -> tuple[Finding, ...]:
    """Why SER took no command of a form; of several, why it did not take some. Each reason once.

    Blank if SER took each: it accepted some, and the others have an outcome to show.
    """
    said = [_refusal(answer) for answer in answers]
    if not all(said):
        said = [answer.findings for answer in answers if answer.given is None]
    found = (finding for each in said for finding in each)
    return tuple({(one.code, one.field, one.message): one for one in found}.values())


def _under_way(answer: Answer[Outcome]) -> bool:
    """Whether SER has the command and has not refused it."""
    return answer.given is not None and answer.given.status is not Status.REFUSED


def _refusal(answer: Answer[Outcome]) -> tuple[Finding, ...]:
    """Why a command was not taken, or was refused; blank if it was accepted, waits or is under way."""
    if answer.given is None:
        return answer.findings
    return () if _under_way(answer) else answer.given.findings


def uuid_in(text: str) -> UUID | None:
    """The UUID that the text is; None if it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


async def _visit(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Visit:
    state = shared_by(request)
    visit = Visit(
        request, person, Services(state.client, state.settings, person.token, request.scope[WAITED])
    )
    if request.method == "POST":
        visit.typed = with_theirs(await typed_in(request))
    return visit


Visiting = Annotated[Visit, Depends(_visit)]
