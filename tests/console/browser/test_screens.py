"""Every screen, in every state, for everybody: accessible, well made, readable everywhere, without errors."""

from collections.abc import Sequence

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from console.app import application
from console.settings import Settings
from console.visits import SCREENS
from tests.architecture.test_openapi import every_route
from tests.console.browser.cases import CASES, ELSEWHERE, Case
from tests.console.browser.checks import look, on_paper, too_wide, whole
from tests.console.browser.watched import Watched, picture
from tests.console.browser.windows import Windows
from tests.console.children import Children

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested"),
]

_SEEN: set[tuple[str, str]] = set()
"""The routes and shapes of pages that axe has checked."""

_TITLES: dict[str, str] = {}
"""The route of each title."""

SESSION = pytest.mark.asyncio(loop_scope="session")
EACH = pytest.mark.parametrize("case", CASES, ids=str)


def routes() -> set[str]:
    """Every route of the console, with its method."""
    settings = Settings(
        database=SecretStr("postgresql+asyncpg://nobody@127.0.0.1/none"),
        keys=SecretStr("A" * 43 + "="),
        issuer="http://127.0.0.1:1",
    )
    app: FastAPI = application(settings)
    return {
        f"{method} {route.path}" for route in every_route(app.routes) for method in route.methods - {"HEAD"}
    }


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


@EACH
@SESSION
async def test_a_screen_is_in_order(case: Case, windows: Windows, children: Children) -> None:
    """axe finds nothing; ids, titles and attributes are in order; it can be read everywhere."""
    wrong = []
    for person in case.who:
        watched = await opened(windows, children, case, person)
        wrong += [f"{person}: {one}" for one in await new_faults(watched, case, person)]
        if person == case.who[0]:
            wrong += await unreadable(watched, case)
    assert not wrong, "\n".join(wrong)


async def new_faults(watched: Watched, case: Case, person: str) -> Sequence[str]:
    """What is wrong with a page. axe checks each shape of a route's pages once."""
    status, found = case.status_for(person), await look(watched.page)
    wrong = list(watched.quiet(status))
    if status < 400 and _TITLES.setdefault(found["title"], case.route) != case.route:
        wrong.append(f"the title {found['title']!r} is that of {_TITLES[found['title']]}, too")
    shape = (case.route, found["shape"])
    if shape not in _SEEN:
        _SEEN.add(shape)
        wrong += await whole(watched, status)
        await picture(watched, case.route, case.state, person)
    return wrong


async def unreadable(watched: Watched, case: Case) -> Sequence[str]:
    """What is lost at 320 pixels, with text of 200 %, in forced colors or on paper."""
    page = watched.page
    await page.set_viewport_size({"width": 320, "height": 640})
    await picture(watched, case.route, case.state, "narrow")
    wrong = await too_wide(page)
    await page.emulate_media(forced_colors="active")
    await picture(watched, case.route, case.state, "forced colors")
    await page.emulate_media(forced_colors="none")
    return [*wrong, *await on_paper(page), *watched.quiet(case.status_for(case.who[0]))]


@EACH
@SESSION
async def test_a_screen_needs_no_scripts(case: Case, windows: Windows, children: Children) -> None:
    """Without JavaScript the page says the same."""
    if case.act is not None:
        pytest.skip("what a person does without scripts is in test_lives.py")
    person = "writer" if "writer" in case.who else case.who[0]
    watched = await windows.of(person, scripts=False)
    await watched.open(case.address.format(**children.facts()), case.status_for(person))
    assert await watched.page.locator("h1").count() == 1
    assert await watched.page.locator("main").inner_text()


async def opened(windows: Windows, children: Children, case: Case, person: str) -> Watched:
    """The screen of a case, in the person's window."""
    watched = await windows.of(person)
    facts = children.facts()
    await watched.open(case.address.format(**facts), 200 if case.act else case.status_for(person))
    if case.act is not None and case.status_for(person) == 200:
        await case.act(watched)
    return watched
