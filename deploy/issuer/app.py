"""The development issuer as a process: `python -m deploy.issuer.app`."""

from datetime import timedelta

import uvicorn
from fastapi import FastAPI, Request, Response

from deploy.issuer.authorization import AddressUntrusted
from deploy.issuer.choosing import choosing
from deploy.issuer.codes import Codes
from deploy.issuer.discovery import discovery
from deploy.issuer.ending import ending
from deploy.issuer.exchanging import exchanging, refused
from deploy.issuer.grant import Clock, utc_now
from deploy.issuer.loopback import LoopbackOnly
from deploy.issuer.pages import Pages
from deploy.issuer.refreshing import RefreshTokens
from deploy.issuer.refusal import Refusal
from deploy.issuer.settings import IssuerSettings
from deploy.issuer.tokens import Tokens
from deploy.local.home import Home
from deploy.local.issuer import Issuer
from deploy.local.ports import LOOPBACK


def application(settings: IssuerSettings, signer: Issuer, now: Clock = utc_now) -> FastAPI:
    """The HTTP application. Codes and refresh tokens are in its memory: a restart forgets them."""
    client, pages = settings.client, Pages(settings.client)
    codes = Codes(now)
    refreshing = RefreshTokens(now, timedelta(hours=settings.session_hours))
    tokens = Tokens(signer, settings.url, timedelta(minutes=settings.access_minutes), now)

    app = FastAPI(title="SER development issuer", openapi_url=None)
    app.add_middleware(LoopbackOnly)
    app.include_router(discovery(settings.url, signer))
    app.include_router(choosing(settings.url, client, codes, pages))
    app.include_router(exchanging(client, codes, refreshing, tokens))
    app.include_router(ending(client, refreshing, tokens, pages))
    app.add_exception_handler(Refusal, refused)

    @app.exception_handler(AddressUntrusted)
    async def untrusted(request: Request, error: AddressUntrusted) -> Response:
        return pages.untrusted()

    @app.get("/style.css")
    async def style() -> Response:
        return pages.style()

    return app


def main() -> None:
    """Serves on the loopback until a signal ends the process."""
    settings, home = IssuerSettings(), Home.chosen()
    home.make()
    app = application(settings, Issuer(home))
    uvicorn.run(app, host=LOOPBACK, port=settings.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
