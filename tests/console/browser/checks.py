"""What holds for every page: accessible, well made, the same at every width, readable on paper."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from console.rendering import STATIC
from tests.console.browser.watched import Watched

_AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}

_NO_CONTRAST = {"rules": {"color-contrast": {"enabled": False}}}

_NARROW, _WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}

# A kind of element: its name, class and attributes, with those of the two elements around it. A page
# has the shape of another if it has the same kinds: ten rows of a table are like one.
_LOOK = """() => {
  const named = (one) => one ? [one.localName, one.className, ...one.getAttributeNames()].join(' ') : '';
  const shaped = (one) => [one.parentElement?.parentElement, one.parentElement, one].map(named).join(' > ');
  const every = [...document.querySelectorAll('*')];
  const names = new Set(every.flatMap((one) => one.getAttributeNames()));
  const ids = every.map((one) => one.id).filter(Boolean);
  const missing = (name) => every.flatMap((one) => (one.getAttribute(name) || '').split(' '))
    .filter((id) => id && !document.getElementById(id));
  const anchors = [...document.querySelectorAll('a[href^="#"]')];
  return {
    title: document.title,
    headings: [...document.querySelectorAll('h1')].map((one) => one.textContent.trim()),
    attributes: [...names],
    twice: ids.filter((id, at) => ids.indexOf(id) !== at),
    missing: ['for', 'aria-describedby', 'aria-labelledby', 'aria-controls'].flatMap(missing),
    unread: [...document.querySelectorAll('input, select, textarea')].filter((one) => {
      const style = getComputedStyle(one);
      return style.color === style.backgroundColor;
    }).map((one) => one.id || one.name),
    nowhere: anchors.map((one) => one.getAttribute('href').slice(1))
      .filter((id) => id && !document.getElementById(id)),
    kinds: [...new Set(every.map(shaped))],
  };
}"""

_TOO_WIDE = """() => {
  const page = document.scrollingElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const out = [...document.querySelectorAll('body *')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.right > page.clientWidth + 1 && box.width > 1 && !one.closest('.wide');
  });
  const shown = out.slice(0, 3).map((one) => one.outerHTML.slice(0, 160));
  return [`${page.scrollWidth} > ${page.clientWidth}`, ...shown];
}"""

_HTML = """
action alt autocapitalize autocomplete autofocus charset checked class cols content datetime defer dir
disabled enctype for formaction headers height hidden href http-equiv id inputmode lang list maxlength method
multiple
name nonce novalidate open placeholder readonly rel required role rows rowspan colspan scope selected size
spellcheck src start summary tabindex target title type value width
"""
_HTMX = (
    "hx-get hx-post hx-trigger hx-swap hx-target hx-sync hx-nonce hx-swap-oob hx-include hx-vals"
    " data-htmx-powered"
)
_ARIA = """
atomic controls current describedby disabled expanded hidden invalid label labelledby live pressed required
sort
"""
_DATA = re.compile(r"data-[a-z]+(?:-[a-z]+)*")
_DATASET = re.compile(r"dataset\.([a-zA-Z]+)")
_SVG = "viewBox d fill stroke stroke-width xmlns x y x1 x2 y1 y2 cx cy r points font-size text-anchor"


@cache
def known_attributes() -> frozenset[str]:
    """Every attribute that a page may have: of HTML, ARIA, htmx, and those that our script or style reads."""
    own = "".join((STATIC / name).read_text(encoding="utf-8") for name in ("console.js", "console.css"))
    data = {*_DATA.findall(own), *(f"data-{name.lower()}" for name in _DATASET.findall(own))}
    aria = (f"aria-{name}" for name in _ARIA.split())
    return frozenset({*_HTML.split(), *_HTMX.split(), *_SVG.split(), *aria, *data})


async def look(page: Page) -> dict[str, Any]:
    """What there is to say about the page as a document."""
    found: dict[str, Any] = await page.evaluate(_LOOK)
    return found


def faults(found: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a document."""
    if len(found["headings"]) != 1:
        yield f"not exactly one h1: {found['headings']}"
    if found["twice"]:
        yield f"ids that occur twice: {found['twice']}"
    if found["missing"]:
        yield f"names ids that are not there: {found['missing']}"
    if found["nowhere"]:
        yield f"links to places that are not there: {found['nowhere']}"
    if found["unread"]:
        yield f"inputs whose text has the color of their background: {found['unread']}"
    if unknown := set(found["attributes"]) - known_attributes() - {"style"}:
        yield f"unknown attributes: {sorted(unknown)}"
    if "style" in found["attributes"]:
        yield "an attribute style, which the policy forbids"


_SHAPES: set[frozenset[str]] = set()
_KINDS: set[str] = set()
"""The shapes of the pages that axe has checked, and all kinds of elements on them."""


async def inaccessible(page: Page, found: dict[str, Any]) -> list[str]:
    """What axe finds, a line for each rule: its name, what to do, the first elements.

    axe checks each shape of a page once. Contrasts take longer than everything else, so axe measures them on
    pages that have a kind of element for the first time.
    """
    shape = frozenset(found["kinds"])
    if shape in _SHAPES:
        return []
    options = _AXE | (_NO_CONTRAST if shape <= _KINDS else {})
    _SHAPES.add(shape)
    _KINDS.update(shape)
    answer = await Axe().run(page, options=options)
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:140] for node in one['nodes'][:3]]}"
        for one in answer.response["violations"]
    ]


async def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways at 320 px, and with text of 200 % on a desk's screen."""
    await page.set_viewport_size(_NARROW)  # type: ignore[arg-type]
    narrow = [f"at 320 px: {one}" for one in await page.evaluate(_TOO_WIDE)]
    await page.set_viewport_size(_WIDE)  # type: ignore[arg-type]
    await page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    large = [f"with text of 200 %: {one}" for one in await page.evaluate(_TOO_WIDE)]
    await page.evaluate("() => { document.documentElement.removeAttribute('style'); }")
    return narrow + large


async def on_paper(page: Page) -> list[str]:
    """What is wrong with the page in print: no PDF comes out, or things of the screen are on it."""
    await page.emulate_media(media="print")
    left = [
        one
        for one in ("header.top", "footer", ".sections", ".skip")
        if await page.locator(one).count() and await page.locator(one).first.is_visible()
    ]
    pdf = await page.pdf(format="Letter")
    await page.emulate_media(media="screen")
    return [f"printed: {one}" for one in left] + ([] if pdf.startswith(b"%PDF") else ["no PDF"])


async def whole(watched: Watched, *statuses: int) -> list[str]:
    """Everything that is wrong with a page as it is now."""
    found = await look(watched.page)
    return [*faults(found), *await inaccessible(watched.page, found), *watched.quiet(*statuses)]
