"""How often Python looks for cycles of objects that nobody needs any more."""

import gc


def collect_rarely() -> None:
    """A batch makes thousands of objects and no cycles; looking for cycles cost a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 100)
