"""Reads the school systems with their enrolment, and spreads children over them."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final, NewType

from deploy.population.csv_rows import Row, read_rows
from deploy.population.findings import (
    GIVEN_TWICE,
    NO_ENROLMENT,
    UNKNOWN_CODE,
    WRONG_COUNT,
    Finding,
    LeasRefused,
)

LeaCode = NewType("LeaCode", str)

HEADER: Final = ("lea", "name", "enrolment_2024")
_CODE: Final = re.compile(r"[0-9A-Z]{3}")
_WITHOUT_ZEROS: Final = re.compile(r"[0-9]{1,2}")
_ENROLMENT: Final = re.compile(r"[0-9]{0,7}")


@dataclass(frozen=True, slots=True)
class Lea:
    """A school system. `enrolment`: number of pupils, 0 if none was published."""

    code: LeaCode
    name: str
    enrolment: int


def read_leas(path: Path) -> tuple[Lea, ...]:
    """The school systems of a file. Raises `LeasRefused` with every finding."""
    rows, findings = read_rows(path, HEADER)
    findings += [finding for row in rows for finding in _wrong(row)]
    codes = [row.values[0] for row in rows]
    findings += [
        Finding(GIVEN_TWICE, f"lea {row.values[0]}.", (row.line,))
        for place, row in enumerate(rows)
        if row.values[0] in codes[:place]
    ]
    if not findings and not any(int(row.values[2] or 0) for row in rows):
        findings = [Finding(NO_ENROLMENT, f"{len(rows)} rows were read.")]
    if findings:
        raise LeasRefused(path, tuple(sorted(findings, key=lambda finding: finding.lines)))
    return tuple(Lea(LeaCode(row.values[0]), row.values[1], int(row.values[2] or 0)) for row in rows)


def _wrong(row: Row) -> list[Finding]:
    code, _, enrolment = row.values
    findings = []
    if not _CODE.fullmatch(code):
        facts = f"lea is {code[:40] or 'blank'!r}; three digits or capital letters are needed."
        if _WITHOUT_ZEROS.fullmatch(code):
            facts += f" A spreadsheet drops leading zeros: {code} was {code:0>3}."
        findings.append(Finding(UNKNOWN_CODE, facts, (row.line,)))
    if not _ENROLMENT.fullmatch(enrolment):
        findings.append(Finding(WRONG_COUNT, f"enrolment_2024 is {enrolment[:40]!r}.", (row.line,)))
    return findings


def spread(leas: Sequence[Lea], children: int, seed: int) -> list[LeaCode]:
    """A school system for each child, in proportion to enrolment (largest remainder method).

    Each system is spread evenly over the list. So any section of the list, such as one disability, is near
    proportion too. A system without enrolment gets no children.
    """
    draw = random.Random(f"{seed}|leas")
    shares = _largest_remainder([lea.enrolment for lea in leas], children)
    places = chain.from_iterable(
        _evenly(lea.code, share, draw.random()) for lea, share in zip(leas, shares, strict=True)
    )
    return [code for _, code in sorted(places)]


def _evenly(code: LeaCode, share: int, offset: float) -> list[tuple[float, LeaCode]]:
    return [((place + offset) / share, code) for place in range(share)]


def _largest_remainder(weights: Sequence[int], total: int) -> list[int]:
    """Whole shares in proportion to the weights. The remainder goes to the largest fractions."""
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    by_fraction = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in by_fraction[: total - sum(shares)]:
        shares[place] += 1
    return shares
