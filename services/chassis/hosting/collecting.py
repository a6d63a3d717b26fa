"""Makes Python's garbage collector search for reference cycles rarely."""

import gc


def collect_rarely() -> None:
    """Collect rarely: a batch allocates up to 400,000 objects and creates no reference cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(600_000, 50, 100)
