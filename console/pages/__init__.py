"""The screens, by area. A screen is one route, one template and one test case."""

from fastapi import APIRouter

from console.pages import (
    evaluations,
    find,
    home,
    iep_forms,
    ieps,
    jurisdiction,
    parts,
    services,
    settings,
    student,
)

ROUTERS: tuple[APIRouter, ...] = tuple(
    area.router
    for area in (
        home,
        find,
        student,
        jurisdiction,
        evaluations,
        ieps,
        iep_forms,
        services,
        settings,
        parts,
    )
)
