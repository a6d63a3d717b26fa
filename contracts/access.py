"""The sender of a command or query: the claims of the token, and what the roles allow."""

from enum import StrEnum

from pydantic import Field

from contracts.message import Value
from contracts.roles import STATE as STATE
from contracts.roles import Role as Role

AUDIENCE = "ser"
ISSUER = "ser-development"
"""The issuer of tokens on a developer's machine. A state names its own (`SER_TOKEN_ISSUER`)."""

SCOPE_FORM = r"^([0-9A-Z]{3}|LA)$"
SCOPE_MEANS = "An LEA, such as 017, or `LA` for the state office. Blank: the viewer's own."


class Whose(StrEnum):
    """The commands in a list: the viewer's own (`mine`), or those of all users of an LEA (`lea`)."""

    MINE = "mine"
    SCOPE = "lea"


class Actor(Value):
    """The bearer of a token: user, LEA (three characters; `LA` for the state) and roles."""

    sub: str = Field(min_length=1, max_length=200)
    lea: str = Field(pattern=SCOPE_FORM)
    roles: frozenset[Role] = Field(min_length=1)

    @property
    def scope(self) -> str:
        """The LEA whose records the actor may change; `LA` for the state."""
        return self.lea

    @property
    def sender(self) -> str:
        """LEA and user as one text, as events and the ledger name the sender: `017/m.landry`."""
        return f"{self.lea}/{self.sub}"

    def has(self, role: Role) -> bool:
        """Whether the actor holds the role."""
        return role in self.roles

    @property
    def everywhere(self) -> bool:
        """Whether the actor may look at the students of every LEA."""
        return bool(self.roles & {Role.STATE, Role.AUDITOR})

    def sees(self, lea: str | None) -> bool:
        """Whether the actor may look at a student of `lea` (None: no LEA has claimed the student yet)."""
        return self.everywhere or lea is None or lea == self.lea
