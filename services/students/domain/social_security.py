"""Social Security numbers are kept nowhere: a field that holds what looks like one is refused."""

import re
from collections.abc import Iterator

from contracts.errors import Finding
from contracts.message import Value
from services.students.domain.rules import SSN_SHAPED

_WHOLE = re.compile(r"[0-9]{9}")
# The two separators are the same, so that the nine digits of a postal code (70802-1234) are left in peace.
_WITHIN = re.compile(r"(?<![0-9])[0-9]{3}([- ./])[0-9]{2}\1[0-9]{4}(?![0-9])")


def ssn_shaped(part: Value, at: str) -> Iterator[Finding]:
    """A finding for each text of `part` that looks like such a number; `at` is where the part stands."""
    for name in type(part).model_fields:
        text = getattr(part, name)
        if isinstance(text, str) and (_WHOLE.fullmatch(text) or _WITHIN.search(text)):
            yield SSN_SHAPED.broken(at=f"{at}.{name}")
