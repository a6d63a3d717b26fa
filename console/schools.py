"""The school sites of an LEA, to choose from."""

from console.backend import Answer
from console.fields import Option
from contracts.jurisdiction import SchoolDirectory


def school_options(directory: Answer[SchoolDirectory]) -> list[Option]:
    """The LEA's open school sites."""
    sites = directory.given.sites if directory.given else ()
    return [Option(site.school, f"{site.label} ({site.school})") for site in sites if site.closed_on is None]
