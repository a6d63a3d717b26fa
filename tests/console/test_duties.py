"""The calendar of duties in the console: its links lead to screens, and a calendar program gets the feed."""

import httpx
import pytest
from starlette.routing import Match

from services.reporting.domain.duties import duties_of, known_years
from services.reporting.domain.indicators.year import read_year
from tests.architecture.test_openapi import every_route
from tests.console.browser.test_cases import console
from tests.console.running import ConsoleSystem


def test_each_duty_leads_to_a_screen() -> None:
    """A duty names the screen that does it, and the console has that screen."""
    routes = [route for route in every_route(console().routes) if "GET" in route.methods]
    for place in {duty.where for year in known_years() for duty in duties_of(read_year(year))}:
        asked = {"type": "http", "method": "GET", "path": place}
        assert any(route.matches(asked)[0] is Match.FULL for route in routes), place


@pytest.mark.system
@pytest.mark.timeout(600)
@pytest.mark.asyncio(loop_scope="session")
async def test_a_calendar_program_needs_no_sign_in(system: ConsoleSystem) -> None:
    """The address that the page shows gives the feed to anybody. A wrong one says what is wrong."""
    async with httpx.AsyncClient(trust_env=False) as program:
        found = await program.get(f"{system.url}/duties.ics", params={"whose": "LEA"})
        assert (found.status_code, found.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
        assert found.text.startswith("BEGIN:VCALENDAR\r\n")
        assert (await program.get(f"{system.url}/duties.ics", params={"whose": "nobody"})).status_code == 422
