"""How often Python's garbage collector looks for reference cycles."""

import gc


def collect_rarely() -> None:
    """Collect rarely: a batch allocates up to 400,000 objects and creates no reference cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(600_000, 50, 100)
