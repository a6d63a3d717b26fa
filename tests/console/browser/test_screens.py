"""Every screen, in every state, for everybody: accessible, well made, readable everywhere, without errors.

The browser opens each case for the first person who looks. For the others it opens a page that the console
serves in a new shape; a page like one that it has opened before is asked over HTTP.
"""

from collections.abc import Sequence

import pytest

from tests.console.browser.cases import CASES, Case
from tests.console.browser.checks import look, on_paper, too_wide, whole
from tests.console.browser.served import ServedPage
from tests.console.browser.watched import Watched, picture
from tests.console.browser.windows import Windows
from tests.console.children import Children
from tests.console.people import Visitor

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested"),
    pytest.mark.asyncio(loop_scope="session"),
]

_SEEN: set[tuple[str, frozenset[str]]] = set()
"""The routes and shapes of pages that are checked, and have a picture."""

_SERVED: set[tuple[str, int, str, frozenset[str]]] = set()
"""The routes, statuses, titles and shapes of pages, as they are served, that the browser has opened."""

_TITLES: dict[str, str] = {}
"""The route of each title."""


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_screen_is_in_order(
    case: Case, windows: Windows, visitors: dict[str, Visitor], children: Children
) -> None:
    """axe finds nothing; ids, titles and attributes are in order; it can be read everywhere."""
    wrong = []
    for person in case.who:
        if (
            len(case.who) > 1
            and case.act is None
            and await is_like_another(case, visitors[person], person, children)
        ):
            continue
        watched = await opened(windows, children, case, person)
        wrong += [f"{person}: {one}" for one in await new_faults(watched, case, person)]
        if person == case.who[0]:
            wrong += await unreadable(watched, case)
    assert not wrong, "\n".join(wrong)


async def is_like_another(case: Case, visitor: Visitor, person: str, children: Children) -> bool:
    """Whether the browser has opened a page of this route that was served with the same title and shape."""
    answer = await visitor.get(case.address.format(**children.facts()))
    page = ServedPage(answer.text)
    served = (case.route, answer.status_code, page.title, page.shape)
    opened_before = served in _SERVED and person != case.who[0]
    _SERVED.add(served)
    return opened_before and answer.status_code == case.status_for(person)


async def new_faults(watched: Watched, case: Case, person: str) -> Sequence[str]:
    """What is wrong with a page. Each shape of a route's pages is checked once."""
    status, found = case.status_for(person), await look(watched.page)
    wrong = list(watched.quiet(status))
    if status < 400 and _TITLES.setdefault(found["title"], case.route) != case.route:
        wrong.append(f"the title {found['title']!r} is that of {_TITLES[found['title']]}, too")
    shape = (case.route, frozenset(found["kinds"]))
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


async def opened(windows: Windows, children: Children, case: Case, person: str) -> Watched:
    """The screen of a case, in the person's window."""
    watched = await windows.of(person)
    facts = children.facts()
    await watched.open(case.address.format(**facts), 200 if case.act else case.status_for(person))
    if case.act is not None and case.status_for(person) == 200:
        await case.act(watched)
    return watched
