"""Builds the HTTP application of a service: commands, queries, held messages, probes and metrics."""

import os
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.chassis.answering.caching import NeverStored
from services.chassis.answering.commands import command_list
from services.chassis.answering.components import add_components
from services.chassis.answering.connection import Database
from services.chassis.answering.door import door_routes
from services.chassis.answering.held import held_routes
from services.chassis.answering.outcomes import outcome_routes
from services.chassis.answering.pages import pages
from services.chassis.answering.preferences import refuse_dry_run
from services.chassis.answering.problems import (
    Forbidden,
    NotFound,
    Problem,
    ProblemDetails,
    add_handlers,
    documented,
    on_nothing_to_show,
)
from services.chassis.answering.requests import BodyLimit, check_parameters
from services.chassis.answering.rules import rule_routes
from services.chassis.answering.trying import dry_run_routes
from services.chassis.answering.viewer import Viewer
from services.chassis.answering.views import scope_views_router
from services.chassis.hosting.definition import ServiceDefinition
from services.chassis.hosting.health import Health
from services.chassis.hosting.settings import LARGEST_BODY
from services.chassis.publishing.refused import listed

__all__ = ["Database", "Forbidden", "NotFound", "Problem", "Viewer", "application"]


_ABOUT = (
    "A refusal is a problem (RFC 9457) with the code of each broken rule and what to do; `/rules` lists them."
)
_TAGS = {
    "commands": "Requests to change a record. Each gets one final outcome.",
    "queries": "The service's records that the viewer may see.",
    "operation": "For operators of the service.",
}


class _Application(FastAPI):
    """An application whose OpenAPI document includes the schemas of commands and refusals."""

    service: ServiceDefinition

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = super().openapi()
            _complete(self.openapi_schema)
            add_components(self.openapi_schema, self.service.commands.values(), ProblemDetails)
        return self.openapi_schema


def application(service: ServiceDefinition, largest_body: int = LARGEST_BODY) -> FastAPI:
    """The service's application. It can describe itself before it runs."""
    app = _Application(
        title=f"SER {service.name}",
        summary=service.summary,
        description=_ABOUT,
        version="1",
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "This service."}],
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        openapi_tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
    )
    app.service = service
    app.add_middleware(BodyLimit, limit=largest_body, longer=service.longer_bodies)
    app.add_middleware(NeverStored)
    checked = [Depends(check_parameters)]
    if service.commands:
        for routes in (outcome_routes(), command_list(), door_routes(service), dry_run_routes(service)):
            app.include_router(routes, tags=["commands"], dependencies=checked)
    refusals = documented(401, 403, 404, 422, 503)
    in_earnest = [*checked, Depends(refuse_dry_run)]
    app.include_router(service.router, tags=["queries"], dependencies=in_earnest, responses=refusals)
    app.include_router(
        scope_views_router(service.name), tags=["queries"], dependencies=checked, responses=refusals
    )
    app.include_router(held_routes(service), tags=["operation"], dependencies=in_earnest, responses=refusals)
    app.include_router(rule_routes(service.rules), tags=["operation"])
    app.include_router(_operation(), tags=["operation"])
    app.include_router(pages(app.title))
    add_handlers(app)
    for nothing_to_show in (NotFound, Forbidden):
        app.add_exception_handler(nothing_to_show, on_nothing_to_show)
    return app


def _complete(document: dict[str, Any]) -> None:
    """Add to every operation the limit of bodies, and that an operation without security needs no token."""
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.setdefault("security", [])
            operation["responses"].setdefault("413", documented(413)[413])


def _operation_id(route: APIRoute) -> str:
    return route.name


def _operation() -> APIRouter:
    router = APIRouter()

    @router.get("/health/live", summary="Whether the process runs")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get(
        "/health/ready",
        summary="Whether the process makes progress",
        responses={503: {"description": "The process makes no progress"}},
    )
    async def ready(request: Request) -> JSONResponse:
        health: Health = request.app.state.health
        state = await health.state()
        status = "not ready" if state.reasons else "ready"
        body = {"status": status, **state._asdict(), "process": os.getpid()}
        return JSONResponse(body, status_code=503 if state.reasons else 200)

    @router.get(
        "/set-aside",
        summary="Messages that Kafka refused for good, with the reasons",
        dependencies=[Depends(check_parameters)],
        responses=documented(401, 422, 503),
    )
    async def refused(viewer: Viewer, database: Database) -> list[dict[str, object]]:
        return await listed(database)

    @router.get("/metrics", summary="Metrics for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
