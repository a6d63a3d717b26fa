"""The HTML of the issuer, from `templates/`. Every value is escaped. There is no script."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from markupsafe import Markup
from starlette.responses import FileResponse, HTMLResponse, Response

from contracts.codes import LEAS
from contracts.roles import STATE, Role
from deploy.issuer.client import Client
from deploy.issuer.people import FIRST, PEOPLE, Person, Problem, lea_name

_FOLDER = Path(__file__).with_name("templates")
_NOTHING = Markup("")

_PERSON = Markup(
    '<li><button name="person" value="{sub}" aria-describedby="does-{sub}">{name}</button>'
    '<p id="does-{sub}">{does}. Roles: {roles}.</p></li>\n'
)
_LEA = Markup('<option value="{code}"{chosen}>{label}</option>\n')
_ROLE = Markup(
    '<label class="choice"><input type="checkbox" name="role" value="{role}"{chosen}>{role}</label>\n'
)
_ERROR = Markup('<p class="error" id="{field}-error">{sentence}</p>')
_ERRORS = Markup('<div class="errors" role="alert"><h2>There is a problem</h2><ul>{lines}</ul></div>')
_ERROR_LINE = Markup('<li><a href="#{field}">{sentence}</a></li>')


class Pages:
    """Makes the pages for one client. Their security policy lets a form lead to this client only."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._headers = {
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none';"
            f" frame-ancestors 'none'; form-action 'self' {client.url}",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }

    def choice(
        self,
        request: str,
        typed: Mapping[str, str] | None = None,
        roles: Sequence[str] = (Role.WRITER,),
        problems: Sequence[Problem] = (),
    ) -> Response:
        """The page that asks who to be. With `problems`: once more, with everything typed."""
        typed = typed or {}
        main = _template("choice").format(
            client=self._client.id,
            request=request,
            people=_joined(map(_person, PEOPLE)),
            name=typed.get("name", ""),
            leas=_joined(_lea(code, typed.get("lea", FIRST.lea)) for code in (STATE, *LEAS)),
            roles=_joined(_role(role, roles) for role in Role),
            errors=_summary(problems),
            **_marks(problems),
        )
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
        title = "Who do you want to be?"
        return self._page(f"Error: {title}" if problems else title, main, status)

    def signed_out(self) -> Response:
        """The page after signing out, if the client gave no address to return to."""
        return self._page("Signed out", _template("signed_out"))

    def untrusted(self) -> Response:
        """The page for a request whose client or redirect address is not registered."""
        main = _template("untrusted").format(client=self._client.id, redirect_uri=self._client.redirect_uri)
        return self._page("Sign-in request not answered", main, HTTPStatus.BAD_REQUEST)

    def style(self) -> Response:
        """The style sheet."""
        return FileResponse(_FOLDER / "style.css", headers={"X-Content-Type-Options": "nosniff"})

    def _page(self, title: str, main: Markup, status: HTTPStatus = HTTPStatus.OK) -> Response:
        whole = _template("frame").format(title=title, main=main)
        return HTMLResponse(whole, status, headers=self._headers)


def _template(name: str) -> Markup:
    return Markup((_FOLDER / f"{name}.html").read_text(encoding="utf-8"))


def _joined(parts: Iterable[Markup]) -> Markup:
    return _NOTHING.join(parts)


def _person(person: Person) -> Markup:
    return _PERSON.format(
        sub=person.sub,
        name=person.name,
        does=person.does,
        roles=", ".join(role.value for role in person.roles),
    )


def _lea(code: str, chosen: str) -> Markup:
    return _LEA.format(code=code, label=lea_name(code), chosen=_if(code == chosen, " selected"))


def _role(role: Role, chosen: Sequence[str]) -> Markup:
    return _ROLE.format(role=role.value, chosen=_if(role in chosen, " checked"))


def _summary(problems: Sequence[Problem]) -> Markup:
    if not problems:
        return _NOTHING
    lines = (_ERROR_LINE.format(field=one.field, sentence=one.sentence) for one in problems)
    return _ERRORS.format(lines=_joined(lines))


def _marks(problems: Sequence[Problem]) -> dict[str, Markup]:
    """For each field of the form: the sentence about its problem, and the attributes that point to it."""
    wrong = {problem.field: problem.sentence for problem in problems}
    marks: dict[str, Markup] = {}
    for field in ("name", "lea", "role"):
        sentence = wrong.get(field)
        marks[f"{field}_error"] = _ERROR.format(field=field, sentence=sentence) if sentence else _NOTHING
        marks[f"{field}_invalid"] = _if(sentence is not None, ' aria-invalid="true"')
        marks[f"{field}_described"] = _if(sentence is not None, f' aria-describedby="{field}-error"')
    marks["name_described"] = _if("name" in wrong, " name-error")
    return marks


def _if(condition: bool, attribute: str) -> Markup:
    return Markup(attribute) if condition else _NOTHING
