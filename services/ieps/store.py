"""The constraints of this database."""

CONSTRAINTS = {
    "records_pkey": "EVA-001, IEP-006",
    "evaluation_id_names_the_evaluation": "EVA-001",
    "iep_id_names_the_iep": "IEP-006",
    "evaluation_dates_in_order": "EVA-005",
    "iep_dates_in_order": "IEP-009, IEP-010",
    "iep_id_names_the_contents": "contents bear the id of their IEP",
    "iep_names_its_contents": "an IEP has contents of the revision that it names",
    "contents_are_as_the_iep_says": "an IEP's environment is that of its placement form",
    "one_primary_exceptionality": "EVA-006",
    "one_open_evaluation": "EVA-002",
    "one_open_sped_activity": "only the first submission is an entry into special education",
    "one_amendment_of_each": "IEP-016, IEP-017",
    "submitted_iep_stays": "IEP-008",
    "official_contents_stay": "IEP-008",
}
"""The constraints by name, each with the rule that it enforces a second time.

An id is unique among one student's records, not among all. Every rule is about one student, and a sender that
uses one id for two students must block neither. PostgreSQL checks the two `one_open` constraints at the end
of a transaction, because a batch may close one evaluation and open the next.
"""
