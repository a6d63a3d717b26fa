"""An error for a person: what happened, and what to do."""


class Failure(Exception):
    """A problem outside the code: a failed download, a taken port, a missing permission, a server that ends.

    `what`: what happened and where. `remedy`: what to do about it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"
