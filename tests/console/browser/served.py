"""A page as the console serves it, before a browser runs its scripts: title, headings, kinds of elements."""

from collections.abc import Sequence
from html.parser import HTMLParser

_VOID = frozenset({"base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


class ServedPage(HTMLParser):
    """What an answer's HTML says.

    `kinds` are those of `checks`: an element's name, class and attributes, with those of the two elements
    around it. Ten rows of a table are like one.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.title = ""
        self.headings = 0
        self.words_in_main = 0
        self.kinds: set[str] = set()
        self._around: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    @property
    def shape(self) -> frozenset[str]:
        """Pages with the same shape have the same kinds of elements."""
        return frozenset(self.kinds)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        named = " ".join([tag, dict(attrs).get("class") or "", *(name for name, _ in attrs)])
        self.kinds.add(" > ".join([*(kind for _, kind in self._around[-2:]), named]))
        self.headings += tag == "h1"
        if tag not in _VOID:
            self._around.append((tag, named))

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _ in self._around):
            if self._around.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        names = [name for name, _ in self._around]
        if names[-1:] == ["title"] and "svg" not in names:
            self.title += data
        if "main" in names:
            self.words_in_main += len(data.split())
