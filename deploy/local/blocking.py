"""Asynchronous clients called from code that is not."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def blocking(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Runs it to its end in a thread of its own, so it may be called from inside an event loop too."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
