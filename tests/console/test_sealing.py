"""What the console keeps encrypted."""

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from console.sealing import Sealer

KEY, OTHER = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "x",
        "\u00e9",
        "gAAAAA==",
        "\0",
        pytest.param(Sealer(SecretStr(OTHER)).seal(1).decode(), id="another key"),
    ],
)
def test_what_the_console_did_not_encrypt_is_nothing(sealed: str) -> None:
    """A cookie may hold anything, and characters of other alphabets, too."""
    assert Sealer(SecretStr(KEY)).open(sealed) is None


def test_an_older_key_still_reads() -> None:
    """A new key comes first; the old one reads until nothing of its time is left."""
    sealed = Sealer(SecretStr(OTHER)).seal(["kept"])
    assert Sealer(SecretStr(f"{KEY},{OTHER}")).open(sealed) == ["kept"]
