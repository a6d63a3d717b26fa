"""How long a person waits for the results of a search, from the last key to the screen."""

import statistics

import pytest
from playwright.async_api import Page, expect

from tests.console.browser.windows import Windows
from tests.console.children import PLANNED, Children

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested"),
    pytest.mark.asyncio(loop_scope="session"),
]

_SOUGHT = ("served", "requested", "consented", "completed", "determined", "official", "submitted", "drafted")
_MEDIAN_MS = 1_200
"""Generous: the target of 400 ms is measured by the benchmarks, on a machine that does nothing else."""

_WATCH = """() => {
  const found = document.getElementById("found");
  document.getElementById("find").addEventListener("input", () => performance.mark("last key"));
  const shown = () => performance.mark("on the screen");
  const painted = () => requestAnimationFrame(() => requestAnimationFrame(shown));
  new MutationObserver(() => found.children.length && painted()).observe(found, { childList: true });
}"""
"""Marks each key, and the frame in which the results are on the screen."""

_WAITED = """() => {
  const [key] = performance.getEntriesByName("last key").slice(-1);
  const shown = performance.getEntriesByName("on the screen").find((mark) => mark.startTime > key.startTime);
  return shown ? shown.startTime - key.startTime : null;
}"""
"""The milliseconds between both; nothing if the results are not on the screen yet."""


async def test_results_are_on_the_screen_soon_after_the_last_key(
    windows: Windows, children: Children
) -> None:
    """The page waits 200 ms for another key. The search and the page take the rest."""
    watched = await windows.of("coordinator")
    waited = []
    for name in _SOUGHT:
        await watched.open("/keyboard")
        waited.append(await search(watched.page, PLANNED[name].last))
    print(f"search: median {statistics.median(waited):.0f} ms, slowest {max(waited):.0f} ms")
    assert min(waited) >= 200
    assert statistics.median(waited) <= _MEDIAN_MS
    assert watched.quiet() == []


async def search(page: Page, text: str) -> float:
    """Types the text, and returns the milliseconds from its last key to its results."""
    await page.evaluate(_WATCH)
    await page.locator("#find").press_sequentially(text)
    await expect(page.locator("#found")).to_contain_text(text)
    waited = await page.evaluate(
        f"() => new Promise((done) => {{ const look = () => {{ const ms = ({_WAITED})();"
        " ms === null ? requestAnimationFrame(look) : done(ms); }; look(); })"
    )
    assert isinstance(waited, float | int)
    return float(waited)
