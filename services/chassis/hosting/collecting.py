"""How often Python looks for cycles of objects that nobody needs any more."""

import gc


def collect_rarely() -> None:
    """A batch makes up to 400,000 objects more than there were, and no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(600_000, 50, 100)
