"""A keyboard that counts: keys that are pressed, not the text that is typed."""

from playwright.async_api import Page, expect


class Keyboard:
    """Presses keys of a page and counts them."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.pressed: list[str] = []

    async def press(self, *keys: str) -> None:
        """Presses keys, one after the other."""
        for key in keys:
            self.pressed.append(key)
            await self._page.keyboard.press(key)

    async def chord(self, first: str, second: str) -> None:
        """Presses two keys that are one shortcut, such as `g y`. The second opens another page."""
        await self._page.keyboard.press(first)
        await self.go(second)

    async def go(self, key: str) -> None:
        """Presses a key that opens another page; returns when that page is there and has set its focus.

        The browser moves the focus to an `autofocus` field a moment after it has loaded the page.
        """
        async with self._page.expect_navigation():
            await self.press(key)
        if await self._page.locator("[autofocus]").count():
            await expect(self._page.locator(":focus")).not_to_have_count(0)

    async def text(self, text: str) -> None:
        """Types a text. It does not count."""
        await self._page.keyboard.type(text)

    @property
    def count(self) -> int:
        """How many keys were pressed."""
        return len(self.pressed)
