"""A form as a browser sent it.

The console's pages are UTF-8, so a browser writes forms in UTF-8. A request may name another encoding. Some
of Python's codecs take minutes for a large text, and some make texts that are not Unicode.
"""

from collections.abc import Mapping
from typing import cast

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from console.forms import Typed

_TYPED = "ser.typed"
"""The key in a request's scope with the form. A body can be read once only."""

_FILES = "ser.files"
"""The key in a request's scope with the files of the form."""

_UTF_8 = frozenset((b"", b"utf-8", b"utf8"))


class FormUnreadable(Exception):
    """A form is too large, has too many fields, or is in another encoding than UTF-8."""


async def typed_in(request: Request) -> Typed:
    """The values of each input, by its name. FormUnreadable: the form cannot be read.

    A file is no value (see `file_in`). Above 1 MB it lies on the disk, and is gone with the request.
    """
    if (known := request.scope.get(_TYPED)) is not None:
        return cast(Typed, known)
    _, options = parse_options_header(request.headers.get("content-type"))
    if options.get(b"charset", b"").lower() not in _UTF_8:
        raise FormUnreadable
    try:
        data = await request.form()
    except HTTPException as failure:
        raise FormUnreadable from failure
    typed = {name: [_text(value) for value in data.getlist(name) if isinstance(value, str)] for name in data}
    request.scope[_TYPED] = typed
    request.scope[_FILES] = {name: value for name, value in data.items() if isinstance(value, UploadFile)}
    return typed


def file_in(request: Request, name: str) -> UploadFile | None:
    """The file that somebody chose in an input; None if there is none. `typed_in` has read the form."""
    files = cast(Mapping[str, UploadFile], request.scope.get(_FILES, {}))
    return files.get(name)


def _text(value: str) -> str:
    """What was typed. Nobody types a NUL character, and PostgreSQL keeps none."""
    return value.replace("\0", "")
