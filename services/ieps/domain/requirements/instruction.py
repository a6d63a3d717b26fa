"""The plans of instruction: of one area (IPL), and of a gifted or talented student (GTI)."""

from collections.abc import Iterator

from contracts.errors import Finding
from contracts.forms import GiftedTalented, InstructionalPlan
from services.ieps.domain import form_rules as rules
from services.ieps.domain.requirements.case import lacks


def judge(form: InstructionalPlan) -> Iterator[Finding]:
    """Where the student stands, the goal for the year, and how progress is measured and reported."""
    yield from lacks(
        form,
        present_level="the present level",
        annual_goal="the measurable annual goal",
        progress_measured_by="how progress is measured",
        progress_reported="when progress is reported",
    )
    yield from lacks(form, rules.CONTENT_ADVISED, objectives="objectives or benchmarks")


def judge_gifted(form: GiftedTalented) -> Iterator[Finding]:
    """The areas of giftedness or talent, strengths, services and goals."""
    yield from lacks(
        form,
        areas="the areas of giftedness or talent",
        strengths="the student's strengths",
        services="the services",
        goals="the goals",
    )
