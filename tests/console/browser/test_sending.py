"""Every form, sent blank, with scripts and without: what is wrong is said where the person is."""

from collections.abc import Sequence
from itertools import count

import pytest

from tests.console.browser.cases import CASES, Case, send
from tests.console.browser.checks import whole
from tests.console.browser.watched import Watched, picture
from tests.console.browser.windows import Windows
from tests.console.children import Children
from tests.console.running import ConsoleSystem

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested_often"),
    pytest.mark.asyncio(loop_scope="session"),
]

_AT_ONCE = 20
"""So many cases open fewer pages than one person may open in a minute."""

_CASES = count()


@pytest.fixture
def rested_often(system: ConsoleSystem) -> None:
    """From time to time the console is started again. Then it counts everybody's pages from zero."""
    if next(_CASES) % _AT_ONCE == 0:
        system.rest()


FORMS = pytest.mark.parametrize("case", [case for case in CASES if case.forms], ids=str)


@FORMS
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_form_says_what_is_wrong(
    case: Case, scripts: bool, windows: Windows, children: Children
) -> None:
    """A blank form gets findings that lead into its fields, or an outcome; the page stays in order."""
    wrong = []
    watched = await windows.of(case.sender, scripts=scripts)
    for form in case.forms:
        await watched.open(case.address.format(**children.facts(twins=not scripts)))
        await send(watched.page, form)
        wrong += [f"{form}: {one}" for one in watched.quiet()]
        if scripts:
            wrong += [f"{form}: {one}" for one in await whole(watched)]
            wrong += [f"{form}: {one}" for one in await unfocused(watched)]
            await picture(watched, case.route, case.state, f"sent {form}")
    assert not wrong, "\n".join(wrong)


async def unfocused(watched: Watched) -> Sequence[str]:
    """What is wrong with the place where the person is after sending: it has to be the answer."""
    answer = watched.page.locator('main [role="alert"], main #outcomes .panel').first
    focused = await answer.evaluate("one => one === document.activeElement")
    title = await watched.page.title()
    refused = await watched.page.locator('main [role="alert"]').count() > 0
    return [
        *([] if focused else ["the answer has no focus"]),
        *([] if refused == title.startswith("Error: ") else [f"the title of a refusal is {title!r}"]),
    ]
