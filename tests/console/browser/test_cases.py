"""Nothing is left out of the table of cases: no route, no form."""

from fastapi import FastAPI
from pydantic import SecretStr

from console.app import application
from console.screens import SCREENS
from console.settings import Settings
from tests.architecture.test_openapi import every_route
from tests.console.browser.cases import CASES, ELSEWHERE


def console() -> FastAPI:
    """The console's application, which nothing runs."""
    settings = Settings(
        database=SecretStr("postgresql+asyncpg://nobody@127.0.0.1/none"),
        keys=SecretStr("A" * 43 + "="),
        issuer="http://127.0.0.1:1",
    )
    return application(settings)


def routes() -> set[str]:
    """Every route of the console, with its method."""
    every = every_route(console().routes)
    return {f"{method} {route.path}" for route in every for method in route.methods - {"HEAD"}}


def test_every_route_has_a_case() -> None:
    """A screen without a case is checked by nobody."""
    shown = {f"GET {case.route}" for case in CASES}
    sending = {f"POST {path}" for path, forms in SCREENS.items() if forms}
    missing = routes() - shown - sending - ELSEWHERE.keys()
    assert not missing, f"add a line for each of {sorted(missing)} to CASES in tests/console/browser/cases.py"
    gone = (shown | ELSEWHERE.keys()) - routes()
    assert not gone, f"the console has no such route any more: {sorted(gone)}"


def test_every_form_has_a_case() -> None:
    """A form that no case sends is checked by nobody."""
    sent = {(case.route, form) for case in CASES for form in case.forms}
    every = {(path, form.key) for path, forms in SCREENS.items() for form in forms}
    assert every == sent, "name each form in `forms` of a case in tests/console/browser/cases.py"
