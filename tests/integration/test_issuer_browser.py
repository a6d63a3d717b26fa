"""The issuer's pages in a real browser: for everybody, by keyboard alone, and on a narrow screen."""

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright, expect

from deploy.issuer.codes import challenge_of
from deploy.issuer.people import FIRST
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.program import ProgramProcess
from tests.chromium import arguments, chromium

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class _SignedIn(BaseHTTPRequestHandler):
    """The client's side: a page for everybody who comes back."""

    def do_GET(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<link rel=icon href='data:,'><title>Signed in</title>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def client() -> Iterator[str]:
    """The address of a client."""
    server = ThreadingHTTPServer((LOOPBACK, 0), _SignedIn)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{LOOPBACK}:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def issuer(client: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProgramProcess]:
    """The issuer's process."""
    home, port = Home(tmp_path_factory.mktemp("issuer") / "home"), free_port()
    settings = {"SER_HOME": str(home.root), "SER_ISSUER_PORT": str(port), "SER_ISSUER_CONSOLE": client}
    process = ProgramProcess(
        "issuer", "deploy.issuer.app", port, settings, home.log("issuer"), dies_with_parent=True
    )
    process.launch()
    process.wait()
    yield process
    process.stop()


@pytest.fixture
def asked(client: str) -> str:
    """The address of the page that asks who to be."""
    return (
        f"/authorize?response_type=code&client_id=ser-console&redirect_uri={client}/signed-in&scope=openid"
        f"&state=one&code_challenge={challenge_of('x' * 43)}&code_challenge_method=S256"
    )


@pytest.fixture
async def page(issuer: ProgramProcess) -> AsyncIterator[Page]:
    """A page of a browser. No page may log an error, but that of a refused form."""
    errors: list[str] = []

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=arguments())
        page = await browser.new_page(base_url=issuer.url)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(error.message))
        yield page
        await browser.close()
    assert [error for error in errors if "status of 4" not in error] == []


async def _send_the_empty_form(page: Page, asked: str) -> None:
    await page.goto(asked)
    await page.get_by_label("writer").uncheck()
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("shown", ["choice", "problems", "signed out", "untrusted"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_everybody_can_use_each_page(shown: str, width: int, asked: str, page: Page) -> None:
    """axe finds nothing on any page, and a narrow screen needs no sideways scrolling."""
    await page.set_viewport_size({"width": width, "height": 800})
    match shown:
        case "choice":
            await page.goto(asked)
        case "problems":
            await _send_the_empty_form(page, asked)
        case "signed out":
            await page.goto("/end-session")
        case _:
            await page.goto("/authorize")

    found = await Axe().run(page, options={"runOnly": {"type": "tag", "values": _TAGS}})

    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_person_signs_in_by_keyboard(client: str, asked: str, page: Page) -> None:
    """The first Tab reaches the first person, and Enter signs that person in at the console."""
    await page.goto(asked)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name=FIRST.title)).to_be_focused()

    await page.keyboard.press("Enter")

    await expect(page).to_have_title("Signed in")
    assert page.url.startswith(f"{client}/signed-in?code=")


async def test_a_problem_leads_into_its_field(asked: str, page: Page) -> None:
    """Each problem of the form is a link to the field, and the field says the same."""
    await _send_the_empty_form(page, asked)

    await page.get_by_role("link", name="Enter a name with at least one letter.").click()

    name = page.get_by_label("Name")
    await expect(name).to_be_focused()
    await expect(name).to_have_accessible_description(
        "The user name is the name in small letters, with the LEA behind it."
        " Enter a name with at least one letter."
    )
