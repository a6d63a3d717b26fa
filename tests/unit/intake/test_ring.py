"""LEAs take turns."""

import asyncio

from intake.sending.ring import Ring


async def test_lea_with_few_rows_does_not_wait_for_one_with_many() -> None:
    """An LEA that comes second gets the second free turn, however many the first one waits for."""
    ring, order = Ring(1), list[str]()

    async def take(lea: str) -> None:
        async with ring.turn(lea):
            order.append(lea)
            await asyncio.sleep(0)

    await asyncio.gather(*(take("017") for _ in range(5)), *(take("009") for _ in range(2)))
    assert order == ["017", "017", "009", "017", "009", "017", "017"]


async def test_no_more_turns_than_there_are() -> None:
    """As many turns are taken at once as there are, and each is given back."""
    ring, taken, most = Ring(3), 0, 0

    async def take() -> None:
        nonlocal taken, most
        async with ring.turn("017"):
            taken += 1
            most = max(most, taken)
            await asyncio.sleep(0)
            taken -= 1

    await asyncio.gather(*(take() for _ in range(10)))
    assert (taken, most) == (0, 3)


async def test_who_no_longer_waits_takes_no_turn() -> None:
    """A turn is not lost if somebody who waits for it, or just got it, is cancelled."""
    ring = Ring(1)

    async def take() -> None:
        async with ring.turn("017"):
            await asyncio.sleep(0)

    async with ring.turn("009"):
        waiting = asyncio.create_task(take())
        given = asyncio.create_task(take())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(0)
    given.cancel()
    await asyncio.gather(waiting, given, return_exceptions=True)
    await asyncio.wait_for(take(), 1)
