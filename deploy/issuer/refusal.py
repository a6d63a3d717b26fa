"""An error as RFC 6749 writes it: one of its words, and a sentence for the developer."""

from http import HTTPStatus


class Refusal(Exception):
    """The issuer refuses a request.

    `error`: RFC 6749's word, such as `invalid_grant`. `description`: what is wrong.
    """

    def __init__(self, error: str, description: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description
        self.status = status

    @property
    def parameters(self) -> dict[str, str]:
        """The error as parameters of a redirect or members of a JSON body."""
        return {"error": self.error, "error_description": self.description}
