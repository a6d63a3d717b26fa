"""The console as a process: `python -m console.app run | migrate`."""

import argparse
import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from console import failing, pages, signing_in
from console.backend import client_for
from console.crowding import Crowding
from console.guard import Guard
from console.openid import OpenId
from console.pages.help import own_rules
from console.rates import Rates
from console.rendering import environment, static_files
from console.sealing import Sealer
from console.sending import Sending
from console.settings import Settings
from console.sign_ins import SignIns
from console.timing import Timing
from contracts.attachments import LARGEST_ATTACHMENT
from services.chassis.answering.requests import BodyLimit
from services.chassis.hosting.telemetry import configure_logs
from services.chassis.keeping.migrations import upgrade_database

log = structlog.get_logger()

_LARGEST_FORM = 2_000_000
_LONGER_FORMS = {"/students/[^/]+/attachments(/[^/]+)?": 3 * LARGEST_ATTACHMENT}
_FORGET_SECONDS = 60
_ENDING_SECONDS = 10
_YEAR = "public, max-age=31536000, immutable"
HISTORY = Path(__file__).parent / "migrations" / "versions"


def main() -> None:
    """The command line of the console."""
    parser = argparse.ArgumentParser(prog="console.app", description="SER's screens for people.")
    parser.add_argument("what", choices=("run", "migrate"), nargs="?", default="run")
    what = parser.parse_args().what
    settings = Settings()
    if what == "migrate":
        asyncio.run(upgrade_database("console", HISTORY, settings.database.get_secret_value()))
        return
    configure_logs("console", settings.log_level)
    uvicorn.run(
        application(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_ENDING_SECONDS,
        forwarded_allow_ips=settings.proxies,
    )


def application(settings: Settings) -> FastAPI:
    """The console's application."""
    app = FastAPI(title="SER console", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_running)
    app.state.settings = settings
    app.state.templates = environment()
    app.state.sealer = Sealer(settings.keys)
    app.state.rates = Rates()
    app.state.known_rules, app.state.rules_of = own_rules(), set()
    app.add_middleware(BodyLimit, limit=_LARGEST_FORM, longer=_LONGER_FORMS)
    app.add_middleware(Crowding, most=settings.at_once)
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(Timing)
    app.include_router(signing_in.router)
    for router in pages.ROUTERS:
        app.include_router(router)
    _add_health(app)
    _add_static(app)
    failing.add_handlers(app)
    return app


@contextlib.asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    engine = create_async_engine(
        settings.database.get_secret_value(),
        pool_size=10,
        max_overflow=0,
        pool_timeout=settings.database_seconds,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"timeout": settings.database_seconds, "command_timeout": settings.database_seconds},
    )
    app.state.engine, app.state.client = engine, client_for()
    app.state.openid = OpenId(settings, app.state.client)
    app.state.sign_ins = SignIns(engine, app.state.sealer, settings)
    app.state.sending = Sending(engine, app.state.sealer)
    forgetting = asyncio.create_task(_forget(app.state.sign_ins))
    log.info("running", http=f"http://{settings.host}:{settings.port}")
    try:
        yield
    finally:
        forgetting.cancel()
        await asyncio.gather(forgetting, return_exceptions=True)
        await app.state.client.aclose()
        await engine.dispose()


async def _forget(sign_ins: SignIns) -> None:
    """Delete what has ended, once a minute."""
    while True:
        try:
            await sign_ins.forget_old()
        except (DBAPIError, OSError) as failure:
            log.warning("database does not answer", error=type(failure).__name__)
        await asyncio.sleep(_FORGET_SECONDS)


def _add_health(app: FastAPI) -> None:
    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/health/ready")
    async def ready(request: Request) -> Response:
        answers = await _answers(request.app.state.engine)
        status = "ready" if answers else "not ready"
        reasons = [] if answers else ["the database does not answer"]
        health = {"status": status, "reasons": reasons, "process": os.getpid()}
        return JSONResponse(health, 200 if answers else 503)


async def _answers(engine: AsyncEngine) -> bool:
    try:
        async with asyncio.timeout(2), engine.connect() as database:
            await database.execute(text("SELECT 1"))
    except (DBAPIError, OSError, TimeoutError):
        return False
    return True


def _add_static(app: FastAPI) -> None:
    @app.get("/static/{name:path}")
    async def static(name: str) -> Response:
        path = static_files().get(f"/static/{name}")
        if path is None:
            return Response(status_code=404)
        return FileResponse(path, headers={"Cache-Control": _YEAR})


if __name__ == "__main__":
    main()
