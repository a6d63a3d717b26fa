"""The recipe of CONTRIBUTING.md: its texts, their places, and the commands at the end."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_STEP = re.compile(
    r"^\*\*`(?P<path>[^`]+)`\*\*, (?:(?P<how>before|right after) `(?P<anchor>[^`]+)`|a new file)\n\n"
    r"```\w+\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_COMMANDS = re.compile(r"^```sh\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A text for a file: a new file, or before or behind an anchor."""

    path: str
    how: str | None
    anchor: str | None
    text: str

    def apply(self, root: Path) -> None:
        """Apply the step to the tree under `root`. AssertionError: its anchor is missing."""
        target = root / self.path
        if self.anchor is None:
            assert not target.exists(), f"{self.path} is there already"
            target.write_text(self.text, encoding="utf-8")
            return
        before = target.read_text(encoding="utf-8")
        assert before.count(self.anchor) == 1, (
            f"{self.path} has `{self.anchor}` {before.count(self.anchor)} times"
        )
        joined = self.text + self.anchor if self.how == "before" else f"{self.anchor}\n{self.text.rstrip()}"
        target.write_text(before.replace(self.anchor, joined), encoding="utf-8")


def applied(todo: Sequence[Step], root: Path) -> bool:
    """Whether the tree under `root` has the recipe's new files, all of them, already."""
    return all((root / step.path).exists() for step in todo if step.anchor is None)


def steps(recipe: str) -> Iterator[Step]:
    """The steps in order."""
    for found in _STEP.finditer(recipe):
        yield Step(found["path"], found["how"], found["anchor"], found["text"])


def commands(recipe: str) -> list[str]:
    """The commands after the steps."""
    return [line for found in _COMMANDS.finditer(recipe) for line in found["lines"].splitlines()]
