"""Where a person may be sent after signing in."""

import pytest

from console.signing_in import own_path


@pytest.mark.parametrize("to", ["/", "/students/1000000074", "/search/3?page=2", "/a//b", "/x?to=http://y"])
def test_own_addresses_are_kept(to: str) -> None:
    """After signing in, a person is back where the person wanted to go."""
    assert own_path(to) == to


def test_a_long_address_loses_its_parameters() -> None:
    """The address travels in a cookie, and browsers drop a cookie that is larger than 4 KB."""
    assert own_path("/students/1000000074/services?" + "sent=x&" * 1000) == "/students/1000000074/services"
    assert own_path("/" + "x" * 5000) == "/"


@pytest.mark.parametrize(
    "to",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:x"),
        *("", "students", "/\t/evil.example", "/a\r\nLocation: x", "http:/evil.example", "///evil.example"),
        *("/\n/evil.example", " //evil.example", "/ /evil\u2028", "http://[::1"),
    ],
)
def test_other_addresses_are_not(to: str) -> None:
    """No address leads from the sign-in to another site: the person gets the work list."""
    assert own_path(to) == "/"
