"""The rules of files. A file that breaks one is not sent, or one of its rows is not.

A file is read before any command is sent. So the record is as it was, whatever these rules say.
"""

from contracts.errors import Rule, Severity, by_code

_EXPORT = "Format the column as text, or export the file again."

NO_RECORD_TYPE = Rule(
    "BAT-001",
    "`{file}` is none of the files of a submission.",
    "Name it after its record type: {known}.",
)
TOTAL_MISSED = Rule(
    "BAT-002",
    "{announced} {what} are announced, {read} were read.",
    "See whether the file was cut off, or correct the total.",
)
NOT_UTF8 = Rule(
    "BAT-003",
    "The file is not in UTF-8: line {line}, character {place} cannot be read.",
    "Save it as CSV UTF-8.",
)
ROW_MISSHAPEN = Rule(
    "BAT-004",
    "The row cannot be read: {problem}.",
    "Correct the row, or leave it out.",
)
OTHER_LEA = Rule(
    "BAT-005",
    "{where} names the LEA {lea}; the submission is made for {own}.",
    "Send each LEA's rows in a submission of its own.",
)
COLUMN_UNKNOWN = Rule(
    "BAT-006",
    "There is no column `{column}` in {record_type}.{hint}",
    "Correct its name, or begin it with `x_`: such a column is returned unread.",
)
MOSTLY_UNREAD = Rule(
    "BAT-007",
    "{unread} of {read} rows cannot be read. Is this the right file?",
    "Correct the file. To send the other rows all the same, say `anyway`.",
)
TWICE = Rule(
    "BAT-008",
    "{what} is there twice, in {where}.",
    "Keep one of the two.",
)
NO_TOTALS = Rule(
    "BAT-009",
    "No total says how many rows there should be, so a file that was cut off is not noticed.",
    "Add a manifest with totals, or name the number of rows.",
    severity=Severity.WARNING,
)
BOTH_OR_NEITHER = Rule(
    "BAT-010",
    "{columns}: the row has one of these and not the other.",
    "Fill in both or neither.",
)
CELL_UNREADABLE = Rule(
    "BAT-011",
    "`{column}` cannot be read{where}: {problem}.",
    "Correct the cell. The guide says which values the column takes.",
)
CELL_MISSING = Rule("BAT-012", "`{column}` is blank{where}.", "Fill in the cell.")
COLUMN_MISSING = Rule(
    "BAT-013",
    "The file has no column `{column}`.",
    "Add the column. The names of the columns are the first row of the file.",
)
MANIFEST_UNREADABLE = Rule(
    "BAT-014",
    "The manifest cannot be read: {problem}.",
    "Correct manifest.csv. The guide shows one.",
)
BEYOND_LIMIT = Rule(
    "BAT-015",
    "The submission has more than {limit}.",
    "Send it as several submissions.",
)
NOT_A_FILE = Rule(
    "BAT-016",
    "This is no CSV file and no ZIP of CSV files: {problem}.",
    "Save each table as CSV UTF-8. Put several into one ZIP, without folders.",
)
ACTION_UNKNOWN = Rule(
    "BAT-017",
    "`action` is blank or `remove`.",
    "Correct the cell. Blank means: add the record, or change it to what the row says.",
)
NO_REMOVAL = Rule(
    "BAT-020",
    "A row of {record_type} cannot be removed by a file.",
    "{instead}",
)
ALONE = Rule(
    "BAT-021",
    "The row belongs to a row of {of}, and the batch has none with the same {key}.",
    "Send the row of {of} in the same batch.",
)
NO_SUCH_BATCH = Rule(
    "BAT-022",
    "Your LEA has sent no batch with this id.",
    "Look the id up in the list of batches.",
)
NO_LONGER_KEPT = Rule(
    "BAT-023",
    "The rows of the batch are no longer kept: intake deletes them {days} days after it received them.",
    "Send the records anew from your own system.",
)
NOTHING_TO_CORRECT = Rule(
    "BAT-024",
    "The batch has no rows to correct in a file of this name.",
    "Fetch to_correct.zip: it has all files with rows to correct.",
)

ZEROS_LOST = Rule(
    "BAT-101", "`{column}` has lost its leading zeros{where}: {value} is probably {probably}.", _EXPORT
)
DIGITS_LOST = Rule(
    "BAT-102",
    "`{column}` is written with a power of ten{where}, such as {value}. Digits are lost for good.",
    "Export the file again.",
)
OTHER_DATE = Rule(
    "BAT-103",
    "The submission writes days as {form}, but `{column}` says {value}{where}.",
    "Write all days in one form, with four digits for the year, and name it as `date_format`.",
)
CODE_CHANGED = Rule("BAT-104", "A spreadsheet has changed a code of `{column}` into {value}{where}.", _EXPORT)
MARKED_AS_TEXT = Rule(
    "BAT-105",
    "`{column}` has marks around its values{where}, such as an apostrophe. They were left out.",
    "Nothing to do. To be sure, export the file again.",
    severity=Severity.WARNING,
)
PLACEHOLDER = Rule("BAT-106", "`{column}` says {value}{where}.", "Leave the cell blank.")
GARBLED = Rule(
    "BAT-107",
    "`{column}` has garbled letters{where}: its text was UTF-8 and was read as something else on the way.",
    "Export the file again as CSV UTF-8, and open it as UTF-8.",
    severity=Severity.WARNING,
)
NUMBER_FORMATTED = Rule(
    "BAT-108",
    "`{column}` is written as {value}{where}.",
    "Write numbers with digits only: no separators, no decimal point, no percent sign.",
)

RULES = by_code(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
OF_COLUMNS = frozenset(
    rule.code
    for rule in (
        *(CELL_UNREADABLE, CELL_MISSING, ZEROS_LOST, DIGITS_LOST, OTHER_DATE, CODE_CHANGED),
        *(MARKED_AS_TEXT, PLACEHOLDER, GARBLED, NUMBER_FORMATTED),
    )
)
"""Rules that most values of a column may break alike. Then one finding says so, with the number of rows."""
