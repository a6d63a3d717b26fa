"""Who is signed in."""

from dataclasses import dataclass

from contracts.codes import LEAS
from contracts.roles import STATE, Role

PERSON = "ser.person"
"""The key in a request's scope with the signed-in person. A page about a failure shows the person, too."""


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person: name, user, LEA and roles, and the access token that the services verify."""

    sign_in: bytes
    sub: str
    name: str
    lea: str
    roles: frozenset[Role]
    token: str

    @property
    def key(self) -> str:
        """Names the person in the console's tables: `017/m.landry`, as the services name a sender."""
        return f"{self.lea}/{self.sub}"

    @property
    def of_state(self) -> bool:
        """Whether the person works for the state, and not for an LEA."""
        return self.lea == STATE

    @property
    def everywhere(self) -> bool:
        """Whether the person may look at the students of every LEA."""
        return bool(self.roles & {Role.STATE, Role.AUDITOR})

    @property
    def place(self) -> str:
        """The LEA's name with its code; for the state its name."""
        return "State office" if self.of_state else str(LEAS.label(self.lea))

    def has(self, *roles: Role) -> bool:
        """Whether the person holds one of the roles."""
        return bool(self.roles & set(roles))
