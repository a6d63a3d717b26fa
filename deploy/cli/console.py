"""`ser console`: opens the console in a browser, and says who can sign in."""

import webbrowser

from rich.table import Table

from deploy.cli.address import address_of
from deploy.cli.screen import out
from deploy.issuer.people import PEOPLE


def show() -> None:
    """Prints the console's address and who can sign in, and opens the address. Failure: it does not run."""
    url = address_of("console")
    out.print(f"The console is at {url}. Sign in as one of these, or as anybody else:")
    table = Table(box=None, show_header=False, padding=(0, 2))
    for person in PEOPLE:
        table.add_row(person.title, person.does)
    out.print(table)
    webbrowser.open(url)
