"""Enters what somebody types into a form of a page, and sends it."""

from collections.abc import Mapping

from playwright.async_api import Page, expect

DONE_WITHIN_MS = 60_000


async def enter(page: Page, form: str, values: Mapping[str, str]) -> None:
    """Fills in a form and sends it."""
    await fill_all(page, form, values)
    async with page.expect_navigation():
        await page.locator(f'form:has(input[name="form"][value="{form}"]) [data-send]').first.click()


async def fill_all(page: Page, form: str, values: Mapping[str, str]) -> None:
    """Fills in every field of a form for which there is a value; grows rows where they are missing."""
    whole = page.locator(f'form:has(input[name="form"][value="{form}"])').first
    for name, value in values.items():
        field = whole.locator(f'[name="{name}"]:not([type="hidden"]), [type="radio"][id="{name}"]').first
        if not await field.count():
            if (
                not (rows := row_of(name))
                or not await whole.locator(f'[name="add_row"][value="{rows}"]').count()
            ):
                continue
            async with page.expect_navigation():
                await whole.locator(f'[name="add_row"][value="{rows}"]').click()
        kind = await field.evaluate("one => one.type")
        if kind == "checkbox":
            await field.set_checked(value == "yes")
        elif kind == "radio":
            if value == "yes":
                await field.check()
        elif kind == "select-one":
            await field.select_option(value)
        else:
            await field.fill(value)


def row_of(name: str) -> str:
    """The list of rows to which a field belongs: `services` of `services.1.minutes`; blank if to none."""
    parts = name.split(".")
    numbers = [at for at, part in enumerate(parts) if part.isdigit() and at > 1] or [
        at for at, part in enumerate(parts) if part.isdigit() and parts[0] != "forms"
    ]
    return ".".join(parts[: numbers[-1]]) if numbers else ""


async def done(page: Page, panels: int = 1) -> None:
    """Waits until everything that was sent is done."""
    await expect(page.locator("#outcomes .panel")).to_have_count(panels)
    await expect(page.locator("#outcomes .panel.done")).to_have_count(panels, timeout=DONE_WITHIN_MS)
