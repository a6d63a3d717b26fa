"""Every screen without JavaScript says the same."""

import pytest

from tests.console.browser.cases import CASES, Case
from tests.console.browser.served import ServedPage
from tests.console.browser.windows import Windows
from tests.console.children import Children
from tests.console.people import Visitor

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested"),
    pytest.mark.asyncio(loop_scope="session"),
]

_SHOWN: set[str] = set()
"""The kinds of elements that Chromium has shown without scripts."""


@pytest.mark.parametrize("case", [case for case in CASES if case.act is None], ids=str)
async def test_a_screen_needs_no_scripts(
    case: Case, windows: Windows, visitors: dict[str, Visitor], children: Children
) -> None:
    """A page has its heading and its words. Chromium opens it if it has a new kind of element."""
    person = "writer" if "writer" in case.who else case.who[0]
    address, status = case.address.format(**children.facts()), case.status_for(person)
    answer = await visitors[person].get(address)
    served = ServedPage(answer.text)
    if answer.status_code == status and served.shape <= _SHOWN:
        assert served.headings == 1
        assert served.words_in_main
        return
    watched = await windows.of(person, scripts=False)
    await watched.open(address, status)
    assert await watched.page.locator("h1").count() == 1
    assert await watched.page.locator("main").inner_text()
    _SHOWN.update(served.shape)
