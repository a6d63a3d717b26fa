"""Intake as a process: `python -m intake.app run | migrate | openapi`."""

import argparse
import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import structlog
import uvicorn
from aiokafka import AIOKafkaProducer
from cryptography.fernet import Fernet, MultiFernet
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from intake.answering.routes import router
from intake.reading.files import LARGEST_BYTES
from intake.rules import RULES
from intake.sending.dispatch import Dispatch
from intake.sending.work import Work
from intake.settings import Settings
from services.chassis.answering.caching import NeverStored
from services.chassis.answering.components import add_components
from services.chassis.answering.pages import pages
from services.chassis.answering.problems import ProblemDetails, add_handlers
from services.chassis.answering.requests import BodyLimit, check_parameters
from services.chassis.answering.rules import rule_routes
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.run import engine_for
from services.chassis.hosting.settings import LARGEST_BODY
from services.chassis.hosting.telemetry import configure_logs
from services.chassis.keeping.failures import AWAY
from services.chassis.keeping.migrations import upgrade_database
from services.chassis.reading.cluster import METADATA_MAX_AGE_MS

log = structlog.get_logger()

HISTORY = Path(__file__).parent / "migrations" / "versions"
_ENDING_SECONDS = 10
_CONNECTIONS = 20


def main() -> None:
    """The command line of intake."""
    parser = argparse.ArgumentParser(prog="intake.app", description="Takes the batch files of LEAs.")
    parser.add_argument("what", choices=("run", "migrate", "openapi"), nargs="?", default="run")
    what = parser.parse_args().what
    if what == "openapi":
        print(json.dumps(application().openapi(), indent=2))
        return
    settings = Settings()
    if what == "migrate":
        asyncio.run(upgrade_database("intake", HISTORY, settings.database.get_secret_value()))
        return
    configure_logs("intake", settings.log_level)
    uvicorn.run(
        running(settings),
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_ENDING_SECONDS,
    )


class _Application(FastAPI):
    """An application whose OpenAPI document includes the schema of refusals."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = super().openapi()
            add_components(self.openapi_schema, (), ProblemDetails)
        return self.openapi_schema


def application() -> FastAPI:
    """Intake's application. It can describe itself before it runs."""
    app = _Application(
        title="SER intake",
        summary="Takes batch files, and gives a verdict for each row.",
        version="1",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.add_middleware(BodyLimit, limit=LARGEST_BODY, longer={"/batches": LARGEST_BYTES})
    app.add_middleware(NeverStored)
    app.include_router(router, tags=["batches"], dependencies=[Depends(check_parameters)])
    app.include_router(rule_routes(RULES), tags=["operation"])
    app.include_router(_operation(), tags=["operation"])
    app.include_router(pages(app.title))
    add_handlers(app)
    return app


def running(settings: Settings) -> FastAPI:
    """The application that reads and sends batches while it runs."""
    app = application()
    app.router.lifespan_context = lambda app: _running(app, settings)
    return app


@contextlib.asynccontextmanager
async def _running(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    engine = engine_for(settings, connections=_CONNECTIONS)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        client_id="ser-intake",
        acks="all",
        linger_ms=2,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )
    client = httpx.AsyncClient()
    sealer = MultiFernet([Fernet(key.strip()) for key in settings.intake_keys.get_secret_value().split(",")])
    dispatch = Dispatch(settings, engine, producer, client)
    work = Work(settings, engine, sealer, dispatch)
    state = app.state
    state.settings, state.engine, state.tokens = settings, engine, Tokens(settings)
    state.sealer, state.work = sealer, work
    await producer.start()
    tasks = [asyncio.create_task(work.run()), asyncio.create_task(dispatch.run())]
    state.tasks = tasks
    log.info("running", http=f"http://{settings.http_host}:{settings.http_port}")
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await producer.stop()
        await client.aclose()
        await engine.dispose()


def _operation_id(route: APIRoute) -> str:
    return route.name


def _operation() -> APIRouter:
    router = APIRouter()

    @router.get("/health/live", summary="Whether the process runs")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get(
        "/health/ready",
        summary="Whether the process takes batches and sends them",
        responses={503: {"description": "It does not"}},
    )
    async def ready(request: Request) -> JSONResponse:
        state = request.app.state
        reasons = [] if await _answers(state.engine) else ["the database does not answer"]
        if any(task.done() for task in state.tasks):
            reasons.append("sending stopped")
        health = {"status": "not ready" if reasons else "ready", "reasons": reasons, "process": os.getpid()}
        return JSONResponse(health, 503 if reasons else 200)

    @router.get("/metrics", summary="Metrics for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


async def _answers(engine: AsyncEngine) -> bool:
    try:
        async with asyncio.timeout(2), engine.connect() as database:
            await database.execute(text("SELECT 1"))
    except AWAY:
        return False
    return True


if __name__ == "__main__":
    main()
