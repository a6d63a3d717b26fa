"""What a page costs: requests and bytes; and what it leaves in the browser."""

import gzip
import re

import pytest

from tests.console.browser.cases import CASES, Case
from tests.console.browser.windows import Windows
from tests.console.children import Children
from tests.console.people import Visitor

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]

_PAGE_BYTES, _FIRST_VISIT_BYTES = 12_000, 45_000
_HELP_BYTES = 16_000
"""The page of all rules grows with each rule. Nobody waits for it in daily work."""
_FIRST_REQUESTS, _LATER_REQUESTS = 5, 1

PAGES = [case for case in CASES if case.state == "normal" and case.act is None]


@pytest.mark.parametrize("case", PAGES, ids=str)
async def test_a_page_is_small(case: Case, visitors: dict[str, Visitor], children: Children) -> None:
    """A page has at most 12 KB, compressed as a proxy does it."""
    answer = await visitors["coordinator"].get(case.address.format(**children.facts()))
    most = _HELP_BYTES if case.route == "/help" else _PAGE_BYTES
    assert len(gzip.compress(answer.content)) <= most


async def test_a_first_visit_is_small(visitors: dict[str, Visitor]) -> None:
    """The first page with its scripts and its style has at most 45 KB."""
    page = await visitors["coordinator"].get("/")
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    answers = [page, *[await visitors["coordinator"].get(path) for path in files]]
    assert sum(len(gzip.compress(answer.content)) for answer in answers) <= _FIRST_VISIT_BYTES


async def test_a_later_page_is_one_request(windows: Windows) -> None:
    """Scripts and style come once; a later page is one request. Nothing is fetched before it is asked for."""
    watched = await windows.new("coordinator")
    await watched.open("/")
    first = list(watched.addresses)
    await watched.open("/keyboard")
    later = watched.addresses[len(first) :]
    cached = [address for address in later if "/static/" not in address]
    assert len([address for address in first if not address.endswith(".svg")]) <= _FIRST_REQUESTS, first
    assert len(cached) <= _LATER_REQUESTS, later
    await watched.page.context.close()


async def test_the_browser_keeps_nothing(windows: Windows, children: Children) -> None:
    """No script can read the sign-in, and nothing is in the browser's storage."""
    watched = await windows.of("coordinator")
    await watched.open(f"/students/{children.id('served')}")
    kept = await watched.page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]")
    assert kept == ["", 0, 0]
