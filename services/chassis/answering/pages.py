"""The page on which people try the HTTP interface. It loads nothing from other hosts."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

_FILES = Path(str(files("fastapi_offline"))) / "static"
_SCRIPT, _STYLE = "swagger-ui-bundle.js", "swagger-ui.css"
_NO_ICON = "data:,"
_NO_VALIDATOR = {"validatorUrl": None}  # else the page would load a badge from another host


def pages(title: str) -> APIRouter:
    """`/docs` with its files, and a redirect from `/`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def redirect() -> RedirectResponse:
        return RedirectResponse("docs")

    @router.get("/docs")
    async def page() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title=title,
            swagger_js_url=f"docs/{_SCRIPT}",
            swagger_css_url=f"docs/{_STYLE}",
            swagger_favicon_url=_NO_ICON,
            swagger_ui_parameters=_NO_VALIDATOR,
        )

    @router.get(f"/docs/{_SCRIPT}")
    async def script() -> FileResponse:
        return FileResponse(_FILES / _SCRIPT)

    @router.get(f"/docs/{_STYLE}")
    async def style() -> FileResponse:
        return FileResponse(_FILES / _STYLE)

    return router
