"""The screens, by area. A screen is one route, one template and one test case."""

from fastapi import APIRouter

from console.pages import (
    about,
    activities,
    adding,
    attachments,
    calendars,
    claims,
    counts,
    deletions,
    evaluations,
    find,
    from_iep,
    help,
    home,
    iep_forms,
    ieps,
    jurisdiction,
    operation,
    outcomes,
    parts,
    past,
    printed_iep,
    providers,
    reassign,
    services,
    state_ids,
    student,
)

ROUTERS: tuple[APIRouter, ...] = tuple(
    area.router
    for area in (
        home,
        find,
        adding,
        student,
        attachments,
        jurisdiction,
        claims,
        evaluations,
        ieps,
        iep_forms,
        printed_iep,
        deletions,
        from_iep,
        services,
        providers,
        reassign,
        activities,
        past,
        counts,
        state_ids,
        outcomes,
        operation,
        calendars,
        help,
        about,
        parts,
    )
)
