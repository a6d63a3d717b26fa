"""How `ser` is called from where one is."""

import shutil
import sys
from pathlib import Path


def ser(words: str) -> str:
    """A call of `ser` that works when typed here: by its path, unless the shell finds it by its name."""
    here = Path(sys.executable).with_name("ser")
    found = shutil.which("ser")
    if not here.exists() or (found and Path(found).resolve() == here.resolve()):
        return f"ser {words}"
    near = here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here
    return f"{near} {words}"
