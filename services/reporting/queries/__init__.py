"""The queries of reporting. The viewer is the first argument of every query."""

from services.reporting.queries.child_count import child_count
from services.reporting.queries.completeness import completeness
from services.reporting.queries.disputes import disputes, settle
from services.reporting.queries.due import due, student_due, work
from services.reporting.queries.duties import duties, duties_ahead
from services.reporting.queries.explanation import explanation
from services.reporting.queries.federal import federal_file, federal_text, known_files
from services.reporting.queries.federal_certification import certifications, certified_text, certify
from services.reporting.queries.history import history
from services.reporting.queries.loaded_tables import load, loaded, tables
from services.reporting.queries.publication import publication
from services.reporting.queries.refusal_causes import causes
from services.reporting.queries.refusals import refusals, refused_commands
from services.reporting.queries.scope import may_look
from services.reporting.queries.students import students
from services.reporting.queries.table import table
from services.reporting.queries.timeline import timeline

__all__ = [
    "causes",
    "certifications",
    "certified_text",
    "certify",
    "child_count",
    "completeness",
    "disputes",
    "due",
    "duties",
    "duties_ahead",
    "explanation",
    "federal_file",
    "federal_text",
    "history",
    "known_files",
    "load",
    "loaded",
    "may_look",
    "publication",
    "refusals",
    "refused_commands",
    "settle",
    "student_due",
    "students",
    "table",
    "tables",
    "timeline",
    "work",
]
