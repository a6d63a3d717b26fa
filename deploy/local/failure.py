"""What keeps the local system from running, said to a person."""


class Failure(Exception):
    """Something outside the code is in the way: a download, a port, a permission, a server that dies.

    what says what happened and where; remedy says what to do about it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"
