"""A console process answers a limited number of requests at once."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from console.crowding import Crowding
from console.guard import Guard
from console.rendering import environment
from console.settings import Settings

URL = "http://127.0.0.1:18000"


class Crowd:
    """An application with one slow page, and how many are waiting for it."""

    def __init__(self, most: int) -> None:
        self.let_go = asyncio.Event()
        self.arrived = asyncio.Semaphore(0)
        settings = Settings(database="", keys="", issuer=URL)
        self.app = app = FastAPI()
        app.state.settings, app.state.templates = settings, environment()
        app.add_middleware(Crowding, most=most)
        app.add_middleware(Guard, settings=settings)

        @app.api_route("/slow", methods=["GET", "POST"])
        async def slow(_: Request) -> str:
            self.arrived.release()
            await self.let_go.wait()
            return "here"


@pytest.fixture
async def crowd() -> AsyncIterator[Crowd]:
    """Two requests fill the process."""
    one = Crowd(most=2)
    yield one
    one.let_go.set()


async def test_a_crowd_is_asked_to_come_again(crowd: Crowd) -> None:
    """A page or a search beyond the limit gets 503 at once, with what to do; a sent form is taken."""
    transport = httpx.ASGITransport(app=crowd.app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as person, asyncio.TaskGroup() as group:
        inside = [group.create_task(person.get("/slow")) for _ in range(2)]
        for _ in inside:
            await crowd.arrived.acquire()
        turned_away = await person.get("/slow")
        search = await person.post("/slow", headers={"HX-Request": "true"})
        form = group.create_task(person.post("/slow"))
        await crowd.arrived.acquire()
        crowd.let_go.set()
    assert (turned_away.status_code, search.status_code) == (503, 503)
    assert turned_away.headers["retry-after"] == "5"
    assert "CON-018" in turned_away.text
    assert turned_away.headers["content-security-policy"].startswith("default-src 'none'")
    assert [one.result().status_code for one in (*inside, form)] == [200, 200, 200]


async def test_there_is_room_again(crowd: Crowd) -> None:
    """When the others have their pages, the next request is answered."""
    crowd.let_go.set()
    transport = httpx.ASGITransport(app=crowd.app)
    async with httpx.AsyncClient(transport=transport, base_url=URL) as person:
        answers = [await person.get("/slow") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
