"""The keyboard map. A template marks a link, button or field with `data-key`; console.js follows it.

No shortcut is the only way: everything is reached by Tab and Enter, too.
"""

from collections.abc import Mapping

EVERYWHERE: Mapping[str, str] = {
    "/": "Go to the search box",
    "?": "Show this page",
    "g w": "Work list",
    "g f": "Find a student",
    "g c": "Child count",
    "g r": "Reports",
    "g o": "What I sent",
    "↑ ↓": "Along the rows of a list; Enter opens the row",
    "Enter": "Opens the first row, if nothing has the focus",
    "Ctrl+Enter": "Send the form, from any of its fields",
}

ON_A_STUDENT: Mapping[str, str] = {
    "c": "Claim the student",
    "a": "Add: a guardian, a service, an IEP, as the page offers",
    "i": "On the services: record those of the IEP",
    "[ ]": "The section before, the section after",
    "g y": "Why counted or not",
}

IN_AN_IEP: Mapping[str, str] = {
    "n": "The next problem",
    "p": "The problem before",
}
