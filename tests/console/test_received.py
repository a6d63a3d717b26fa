"""Forms that no page of the console sends: other encodings, too many fields, files."""

import pytest

from tests.console.people import Visitor
from tests.console.running import ConsoleSystem

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(600),
    pytest.mark.asyncio(loop_scope="session"),
]

_PART = '--X\r\nContent-Disposition: form-data; name="text"{file}\r\n\r\n{text}\r\n--X--\r\n'


@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "undefined", "utf-16", "idna"])
async def test_a_form_in_another_encoding_is_refused(charset: str, visitors: dict[str, Visitor]) -> None:
    """Such a form could keep the console busy for minutes, or hold a text that is not Unicode."""
    kind = f"multipart/form-data; boundary=X; charset={charset}"
    answer = await visitors["reader"].send_bytes("/find", kind, _PART.format(file="", text="\\ud800-x"))
    assert answer.status_code == 400
    assert "CON-016" in answer.text


async def test_nobody_keeps_the_console_busy_without_signing_in(system: ConsoleSystem) -> None:
    """A stranger's form is given back in UTF-8 only, too."""
    stranger = Visitor(system.url, 39)
    kind = "multipart/form-data; boundary=X; charset=punycode"
    answer = await stranger.send_bytes("/find", kind, _PART.format(file="", text="a" * 500_000 + "-b"))
    await stranger.aclose()
    assert answer.status_code == 400


async def test_a_form_of_browsers_is_read(visitors: dict[str, Visitor]) -> None:
    """UTF-8 is read, said or unsaid; a file says nothing."""
    one = visitors["reader"]
    for kind in ("multipart/form-data; boundary=X", "multipart/form-data; boundary=X; charset=UTF-8"):
        answer = await one.send_bytes("/find", kind, _PART.format(file="", text="Ô"))
        assert answer.headers["location"].startswith("/search/")
    file = _PART.format(file='; filename="x"', text="Ô")
    answer = await one.send_bytes("/find", "multipart/form-data; boundary=X", file)
    assert answer.headers["location"] == "/find"


async def test_too_many_fields(visitors: dict[str, Visitor]) -> None:
    """The console says so, and that the form was not sent."""
    answer = await visitors["reader"].post("/find", {f"x{number}": "1" for number in range(1500)})
    assert answer.status_code == 400
    assert "CON-016" in answer.text
