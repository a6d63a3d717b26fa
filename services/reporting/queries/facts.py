"""The facts of students as of the day `:as_of`, as named building blocks of SQL. Each is written once.

A block gives one row a student. Its parameters: `among`, the condition that chooses the students; `also`,
further columns of the table. `with_facts` puts blocks in front of a query.

A merged student may have two records that nothing else tells apart. Their values decide then, so that the
same records always give the same row.
"""

DAY = "CAST(:as_of AS date)"
AMONG = "subject = ANY (CAST(:subjects AS bigint[]))"


def in_special_education(among: str = AMONG, also: str = "") -> str:
    """The sped activity of the day, its last day included."""
    return f"""
    SELECT DISTINCT ON (subject) subject{also} FROM sped_activities
    WHERE NOT voided AND entered_on <= {DAY} AND (exited_on IS NULL OR exited_on >= {DAY}) AND {among}
    ORDER BY subject, entered_on DESC
    """


def owner(among: str = AMONG, also: str = "") -> str:
    """The LEA that had jurisdiction on the day, the last day of its spell included.

    Of two spells on one day the later one counts: reporting has not received the end of the earlier one yet.
    """
    return f"""
    SELECT DISTINCT ON (subject) subject, lea{also} FROM spells
    WHERE NOT withdrawn AND begin_on <= {DAY} AND (end_on IS NULL OR end_on >= {DAY}) AND {among}
    ORDER BY subject, begin_on DESC, lea
    """


def plan_in_force(among: str = AMONG, also: str = "") -> str:
    """The submitted IEP in effect on the day, even if its year is over.

    Of two plans that begin on one day, the one of the later meeting counts: a review replaces the older
    plan's amendments too. Of two with the same days, the one that was submitted last counts.
    """
    return f"""
    SELECT DISTINCT ON (subject) subject, environment, begin_on AS iep_on, meeting_on, amendment{also}
    FROM ieps WHERE submitted AND begin_on <= {DAY} AND {among}
    ORDER BY subject, begin_on DESC, meeting_on DESC, amendment DESC, submission DESC NULLS LAST,
        environment{also}
    """


def determination(among: str = AMONG, also: str = "") -> str:
    """The newest determination of eligibility. Of two of one day, the one that was recorded last counts."""
    return f"""
    SELECT DISTINCT ON (subject) subject, primary_code, exceptionalities{also} FROM evaluations
    WHERE determined_on <= {DAY} AND {among}
    ORDER BY subject, determined_on DESC, determination DESC NULLS LAST, primary_code, exceptionalities
    """


def profile(among: str = AMONG, also: str = "") -> str:
    """The profile that held on the day: grade, English learner, military-connected."""
    return f"""
    SELECT DISTINCT ON (subject) subject, grade, english_learner, military_connected{also} FROM profiles
    WHERE effective_on <= {DAY} AND {among}
    ORDER BY subject, effective_on DESC
    """


def years_old(birth_on: str = "birth_on", day: str = DAY) -> str:
    """The age on the day in completed years. A child born on 29 February gets older on 1 March."""
    return f"date_part('year', age({day}::timestamp, {birth_on}::timestamp))::integer"


def with_facts(query: str, **blocks: str) -> str:
    """A query after its blocks: each becomes a table of the given name."""
    named = ", ".join(f"{name} AS ({block})" for name, block in blocks.items())
    return f"WITH {named} {query}"
