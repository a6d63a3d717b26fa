"""Attachments as people keep them: uploaded, described, replaced, deleted; and the files that SER refuses."""

import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from contracts.attachments import LARGEST_ATTACHMENT
from deploy.demo.attachment import small_pdf
from tests.console.browser.cases import fill, send, unfold
from tests.console.browser.entering import done
from tests.console.browser.windows import Windows
from tests.console.children import Children
from tests.console.people import Visitor
from tests.unit.students.files import EXECUTABLE, PDF, VIRUS

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("rested"),
    pytest.mark.asyncio(loop_scope="session"),
]


async def choose(page: Page, form: str, file: Path, content: bytes) -> None:
    """Writes a file and chooses it in a form. The browser reads it when the form is sent."""
    file.write_bytes(content)  # noqa: ASYNC240 # nothing else runs meanwhile
    await unfold(page, form)
    chosen = page.locator(f'form:has(input[name="form"][value="{form}"]) input[type="file"]')
    await chosen.set_input_files(file)


async def saved(page: Page, name: str) -> bytes:
    """Follows a link to a file. Returns the bytes that the browser saves."""
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name=name).first.click()
    downloaded = await downloading.value
    assert downloaded.suggested_filename == name.removeprefix("Open ")
    return Path(await downloaded.path()).read_bytes()  # noqa: ASYNC240 # the file is there


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_files_life(scripts: bool, windows: Windows, children: Children, tmp_path: Path) -> None:
    """A writer uploads a file, opens it, describes it anew, replaces it and deletes it. The line stays."""
    student = children.facts(twins=not scripts)["drafted"]
    watched = await windows.of("writer", scripts=scripts)
    page, main = watched.page, watched.page.locator("main")

    await watched.open(f"/students/{student}/attachments")
    await choose(page, "AddAttachment", tmp_path / "Zoë's plan; v2.pdf", PDF)
    await fill(page, "AddAttachment", "description", "Healthcare plan")
    await send(page, "AddAttachment")
    await done(page)
    assert await saved(page, "Zoë's plan; v2.pdf") == PDF

    await page.get_by_role("link", name="Healthcare plan").click()
    await fill(page, "DescribeAttachment", "description", "Healthcare plan, signed")
    await send(page, "DescribeAttachment")
    await done(page)

    await page.get_by_role("link", name="Healthcare plan, signed").click()
    await choose(page, "ReplaceAttachment", tmp_path / "signed.pdf", small_pdf())
    await send(page, "ReplaceAttachment")
    await done(page)
    assert await saved(page, "signed.pdf") == small_pdf()

    await page.get_by_role("link", name="Healthcare plan, signed").click()
    await fill(page, "DeleteAttachment", "reason", "Belongs to a sibling")
    await send(page, "DeleteAttachment")
    await done(page)
    await expect(main).to_contain_text("Belongs to a sibling")
    await expect(page.get_by_role("link", name="signed.pdf")).to_have_count(0)
    assert not watched.quiet()


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("plan.pdf", lambda: EXECUTABLE, "STU-059"),
        ("page.txt", lambda: b"<html><script>alert(1)</script></html>", "STU-059"),
        ("archive.pdf", lambda: gzip.compress(VIRUS), "STU-059"),
        ("empty.pdf", lambda: b"", "STU-057"),
        ("long.txt", lambda: b"a" * (LARGEST_ATTACHMENT + 1), "STU-058"),
    ],
)
async def test_a_file_that_ser_does_not_keep(
    name: str, make: Callable[[], bytes], code: str, windows: Windows, children: Children, tmp_path: Path
) -> None:
    """The page says at the file why SER does not keep it. The description stays as it was typed."""
    watched = await windows.of("writer")
    page = watched.page
    await watched.open(f"/students/{children.id('guarded')}/attachments")
    await choose(page, "AddAttachment", tmp_path / name, make())
    await fill(page, "AddAttachment", "description", "Healthcare plan")
    await send(page, "AddAttachment")
    alert = page.locator('main [role="alert"]')
    await expect(alert).to_contain_text(code, timeout=60_000)
    await expect(alert.get_by_role("link").first).to_have_attribute("href", "#file")
    await expect(page.get_by_label("Description")).to_have_value("Healthcare plan")
    await expect(page.get_by_role("table")).to_have_count(0)


async def test_a_form_without_a_file(windows: Windows, children: Children) -> None:
    """Without a file the page asks for one."""
    watched = await windows.of("writer")
    await watched.open(f"/students/{children.id('guarded')}/attachments")
    await fill(watched.page, "AddAttachment", "description", "Healthcare plan")
    await send(watched.page, "AddAttachment")
    await expect(watched.page.locator('main [role="alert"]')).to_contain_text("MSG-004")


Ask = Callable[[Visitor, str], Awaitable[int]]


async def test_who_opens_a_file(visitors: dict[str, Visitor], children: Children) -> None:
    """Who sees the student may save the file, with headers that keep it out of a page and of every cache."""
    address = "/students/{served}/attachments/{served_attachment_id}/content".format(**children.facts())
    for name in ("writer", "reader", "state", "auditor"):
        answer = await visitors[name].get(address)
        assert (answer.status_code, answer.content) == (200, small_pdf())
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''healthcare%20plan.pdf"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/pdf"
    refused = await visitors["other LEA"].get(address)
    assert (refused.status_code, "ACC-005" in refused.text) == (403, True)
    unknown = await visitors["reader"].get(address[:-48] + "00000000-0000-4000-8000-000000000000/content")
    assert unknown.status_code == 404


async def test_no_other_site_uploads(visitors: dict[str, Visitor], children: Children) -> None:
    """Another site's page cannot make a signed-in person's browser upload a file."""
    address = f"/students/{children.id('guarded')}/attachments"
    answer = await visitors["writer"].post(address, {"form": "AddAttachment"}, sec_fetch_site="cross-site")
    assert (answer.status_code, "CON-003" in answer.text) == (403, True)
