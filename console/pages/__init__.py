"""The screens, by area. A screen is one route, one template and one test case."""

from fastapi import APIRouter

from console.pages import find, home, jurisdiction, parts, settings, student

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    find.router,
    student.router,
    jurisdiction.router,
    settings.router,
    parts.router,
)
