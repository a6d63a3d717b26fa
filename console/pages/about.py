"""Pages about the console itself: keyboard, accessibility."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from console import keyboard
from console.screens import screen
from console.visits import Visiting

router = APIRouter()


@screen(router, "/keyboard")
async def keyboard_map(visit: Visiting) -> Response:
    """Every shortcut, and the switch that turns single letters off."""
    maps = {
        "On every page": keyboard.EVERYWHERE,
        "On a student's pages": keyboard.ON_A_STUDENT,
        "In an IEP": keyboard.IN_AN_IEP,
    }
    return await visit.page("about/keyboard.html", title="Keyboard", maps=maps)


@router.post("/keyboard")
async def switch(visit: Visiting) -> Response:
    """Turn the shortcuts of single letters on or off, on this computer."""
    response = RedirectResponse("/keyboard", 303)
    wanted = "on" if visit.typed.get("shortcuts") == ["on"] else "off"
    response.set_cookie("ser-shortcuts", wanted, max_age=31_536_000, samesite="lax", httponly=True)
    return response


@screen(router, "/accessibility")
async def accessibility(visit: Visiting) -> Response:
    """What the console does for people who use it without a mouse, a large screen or sight."""
    return await visit.page("about/accessibility.html", title="Accessibility")
