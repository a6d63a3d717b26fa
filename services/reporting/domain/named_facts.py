"""The named facts: what every report means by *in special education*, *due date*, *age* and the like.

`queries/facts.py` reads the facts of a day. A test holds that each of its blocks has a definition here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamedFact:
    """A fact as all reports understand it. `source`: law or federal file; `project`: our own choice."""

    name: str
    title: str
    means: str
    source: str = "project"


_ALL = (
    NamedFact(
        "as_of",
        "As of",
        "The day that the question is about. A fact holds from its own date, whenever somebody recorded it."
        " What is dated after the day has not happened yet.",
    ),
    NamedFact(
        "known_at",
        "Known at",
        "The moment through which the report reads events. What Kafka received later does not exist for it."
        " The same day and moment give the same bytes again.",
    ),
    NamedFact(
        "in_special_education",
        "In special education",
        "From the entry through the exit, both days included. A voided entry never was.",
    ),
    NamedFact(
        "owner",
        "Owner (LEA of jurisdiction)",
        "The LEA whose spell of jurisdiction covers the day, the spell's last day included. Of two spells on"
        " one day the later one counts. So two LEAs never count the same child.",
    ),
    NamedFact(
        "plan_in_force",
        "IEP in effect",
        "The submitted IEP that began last, on or before the day. Of those that began on one day, the one of"
        " the later team meeting counts, then the later amendment. A plan past its year still counts, and"
        " the count says so (RPT-032).",
        source="LAC 28:XCVII.111.B; this project: the plan counts past its year",
    ),
    NamedFact(
        "determination",
        "Determination of eligibility",
        "The newest one on or before the day. It gives the exceptionalities, and exactly one of them is"
        " primary. It holds until the next one, whatever its age.",
    ),
    NamedFact(
        "primary_disability",
        "Primary disability",
        "The primary exceptionality of that determination, under its federal code. Nothing is derived from"
        " the others. Deafness and hard of hearing are both Hearing Impairment. Gifted and talented are no"
        " disability.",
        source="EDFacts FS002 and FS089; gifted and talented: LAC 28:CI.901, 903",
    ),
    NamedFact(
        "developmental_delay",
        "Developmental delay",
        "Only for children of three through eight. By the day before the ninth birthday the child is"
        " reclassified or dismissed.",
        source="LAC 28:CI.705",
    ),
    NamedFact(
        "profile",
        "Grade, English learner, military-connected",
        "Those of the profile that held on the day. A later promotion does not change the count of an earlier"
        " day.",
    ),
    NamedFact(
        "years_old",
        "Age",
        "In completed years on the day. A child born on February 29 gets older on March 1 of a common year.",
    ),
    NamedFact(
        "kindergarten",
        "Five-year-olds",
        "From 2019-20 on, a child of five in kindergarten is of school age (FS002). Without a grade, or in a"
        " grade before kindergarten, the child is in early childhood (FS089).",
        source="EDFacts FS002 and FS089",
    ),
    NamedFact(
        "race_and_sex",
        "Race and sex",
        "The newest that eScholar sent, for every day: eScholar sends them without a date. Hispanic goes"
        " before all races; several races are MU7; none recorded is MISSING.",
    ),
    NamedFact(
        "school_year",
        "School year",
        "July 1 through June 30, written 2024-25.",
    ),
    NamedFact(
        "business_day",
        "Business day",
        "Monday through Friday, without the days that the state's published calendar leaves out. A run names"
        " the version of each calendar that it read.",
    ),
    NamedFact(
        "evaluation_due",
        "Initial evaluation due",
        "The 60th business day after the day of the parent's consent, and the days of each approved"
        " extension. An agreed day goes before. The evaluation is complete when the LEA disseminates its"
        " report.",
        source="LAC 28:XLIII.302; dissemination: LAC 28:XCVII.105.A",
    ),
    NamedFact(
        "reevaluation_due",
        "Re-evaluation due",
        "Three years after the later of the last disseminated report and the last signed waiver.",
        source="LAC 28:CI.1101.C",
    ),
    NamedFact(
        "initial_iep_due",
        "Initial IEP due",
        "30 calendar days after the evaluation's report: the last day for the team's first meeting.",
        source="LAC 28:XCVII.105.A",
    ),
    NamedFact(
        "iep_review_due",
        "IEP review due",
        "One year after the last team meeting of an initial or review IEP. An amendment keeps that day.",
        source="LAC 28:XCVII.111.B",
    ),
    NamedFact(
        "key_date",
        "Key date of a case",
        "The day a case ended, or its due date if that is earlier; for an open case not yet due, the day of"
        " the report. A case belongs to the LEA that owns the student on that day, and to the period of its"
        " due date.",
    ),
    NamedFact(
        "exit",
        "Exit in a school year",
        "The last exit of a student who was in special education on July 1 and is not after June 30. The age"
        " is that of the last child count before the exit. In an LEA's file a student who is in special"
        " education in another LEA afterwards moved, known to be continuing (MKC).",
        source="EDFacts FS009",
    ),
    NamedFact(
        "suppressed",
        "NR",
        "A number that is not published: 1 through 9, and each further number that gives one of those away.",
    ),
)

NAMED_FACTS = {fact.name: fact for fact in _ALL}
"""Every named fact, in the order in which a reader needs them."""
