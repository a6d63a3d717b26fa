"""The rules of students, by code. Codes are this project's own. No sentence names or identifies a person."""

from contracts.errors import Rule, Severity, by_code

IDENTITY_UNKNOWN = Rule(
    "STU-001",
    "eScholar has not sent a person with this State ID.",
    "Check the State ID in eScholar. If eScholar has just assigned it, wait until eScholar sends it.",
    fields=("student_id",),
)
ALREADY_ADDED = Rule(
    "STU-002",
    "This student is already in the special-education record.",
    "Do not add the student again. Open the student's record, or claim jurisdiction (ClaimJurisdiction).",
    fields=("student_id",),
)
NOT_BORN_YET = Rule(
    "STU-004",
    "The birth date that eScholar has for this student is in the future.",
    "Correct the birth date in eScholar, then add the student.",
    fields=("student_id",),
)
TOO_MANY_GUARDIANS = Rule(
    "STU-007",
    "The student already has {limit} parents and guardians, the most that SER keeps.",
    "Remove one of them (RemoveGuardian), or replace one: send SaveGuardian with that guardian_id.",
    fields=("guardian_id",),
)
IDENTITY_UNREADABLE = Rule(
    "STU-010",
    "eScholar has sent a person with this State ID, but SER cannot read the message: {reason}.",
    "Correct the field in eScholar. The message is among SER's dead letters.",
    fields=("student_id",),
)
CORRECTION_UNREADABLE = Rule(
    "STU-011",
    "eScholar has sent a newer message about this State ID, but SER cannot read it: {reason}.",
    "Correct the field in eScholar. SER corrects the student when eScholar sends the next message.",
    severity=Severity.WARNING,
    fields=("student_id",),
)
LIKELY_DUPLICATE = Rule(
    "STU-012",
    "eScholar has a person with the same name, birth date and sex under the State ID {other}.",
    "Compare both in eScholar. If they are one person, tell your Secure ID manager.",
    severity=Severity.WARNING,
    fields=("student_id",),
)
LIKELY_DUPLICATE_ELSEWHERE = Rule(
    "STU-013",
    "A student of another LEA has the same name, birth date and sex under another State ID.",
    "Ask your Secure ID manager, who sees both State IDs among the likely duplicates.",
    severity=Severity.WARNING,
    fields=("student_id",),
)
UNKNOWN_GUARDIAN = Rule(
    "STU-015",
    "The student has no parent or guardian with this guardian_id.",
    "Take the guardian_id from the student's record.",
    fields=("guardian_id",),
)
GUARDIAN_REMOVED = Rule(
    "STU-016",
    "The LEA removed this parent or guardian on {day}.",
    "To add the person again, send SaveGuardian with a new guardian_id.",
    fields=("guardian_id",),
)
LAST_GUARDIAN = Rule(
    "STU-014",
    "This is the student's only parent or guardian. Evaluations, IEPs and services need one.",
    "Save another one first (SaveGuardian), or replace this one's details.",
    fields=("guardian_id",),
)
TOO_MANY_PROFILES = Rule(
    "STU-020",
    "The student already has {limit} profiles, the most that SER keeps.",
    "Replace one of them: send SaveProfile with that profile's effective_on and the new values.",
)
UNKNOWN_ATTACHMENT = Rule(
    "STU-050",
    "The student has no attachment with this attachment_id.",
    "Take the attachment_id from the list of the student's attachments.",
    fields=("attachment_id",),
)
ATTACHMENT_DELETED = Rule(
    "STU-051",
    "The LEA deleted this attachment on {day}. Nobody can open it.",
    "To keep the file again, upload it and send AddAttachment with a new attachment_id.",
    fields=("attachment_id",),
)
ATTACHMENT_EXISTS = Rule(
    "STU-052",
    "The student already has an attachment with this attachment_id.",
    "Replace its file (ReplaceAttachment), or add the file under a new attachment_id.",
    fields=("attachment_id",),
)
TOO_MANY_ATTACHMENTS = Rule(
    "STU-053",
    "The student already has {limit} attachments, the most that SER keeps.",
    "Delete one that nobody needs (DeleteAttachment), then add the file.",
    fields=("attachment_id",),
)
NOT_UPLOADED = Rule(
    "STU-054",
    "SER does not have the bytes with this SHA-256 for this attachment.",
    "Upload the file, and send the sha256, size and media_type of the answer. SER removes an upload that no"
    " command names within a day.",
    fields=("sha256",),
)
OTHER_SIZE = Rule(
    "STU-055",
    "The uploaded file has {size} bytes, not the size of the command.",
    "Send the size that the upload answered.",
    fields=("size",),
)
OTHER_MEDIA_TYPE = Rule(
    "STU-056",
    "The uploaded file is of the kind {media_type}, not the media_type of the command.",
    "Send the media_type that the upload answered.",
    fields=("media_type",),
)
FILE_EMPTY = Rule("STU-057", "The file is empty.", "Choose it again. Check that it opens on your computer.")
FILE_TOO_LARGE = Rule(
    "STU-058",
    "The file is larger than {limit} MB.",
    "Make it smaller: scan in gray at 150 dots per inch, or split it into several files.",
)
KIND_NOT_ALLOWED = Rule(
    "STU-059",
    "SER does not keep files of this kind. Its content counts, not its name.",
    "Save the file as PDF. SER keeps PDF files, images, plain text in UTF-8, and Office documents of"
    " 2007 and later (.docx, .xlsx, .pptx) without macros.",
)
HAS_MACROS = Rule(
    "STU-060",
    "The document contains macros or other active content.",
    "Save it as PDF, or as a document without macros (.docx, .xlsx, .pptx).",
)
INFECTED = Rule(
    "STU-061",
    "The virus scanner found {virus} in the file.",
    "Do not open the file. Tell your LEA's technology office.",
)
SCANNER_AWAY = Rule(
    "STU-062",
    "The virus scanner does not answer, so SER takes no file now.",
    "Upload the file again in a few minutes. If it fails again, tell the operator of the system.",
)
STORE_AWAY = Rule(
    "STU-063",
    "The store of attachments does not answer.",
    "Try again in a few minutes. If it fails again, tell the operator of the system.",
)
NOT_IN_ESCHOLAR = Rule(
    "STU-030",
    "eScholar has not sent a person with the State ID {state_id}.",
    "Check the State ID in eScholar, and compare both persons first.",
    fields=("student_id", "into"),
)
INTO_ITSELF = Rule(
    "STU-031",
    "A State ID does not go into itself.",
    "Name the other State ID. Leave `into` blank if the student bears this one again.",
    fields=("into",),
)
STANDS_ALREADY = Rule(
    "STU-032",
    "The last word on this State ID says the same already.",
    "Send no command.",
    fields=("into",),
)
CHANGE_WAITS = Rule(
    "STU-033",
    "A change of this State ID already waits for approval. {proposed_by} proposed it.",
    "Approve it (ApproveStateId), or refuse it (DeclineStateId) and then send another one.",
    fields=("student_id",),
)
NO_STUDENT_OF_THE_LEA = Rule(
    "STU-034",
    "Your LEA has and had neither of the two students.",
    "Ask the Secure ID manager of an LEA that has one of them, or of the state.",
    fields=("student_id",),
)
NO_CHANGE_WAITS = Rule(
    "STU-035",
    "No change of this State ID waits for approval.",
    "Look up what became of it: GET /identity-changes.",
    fields=("student_id",),
)
PROPOSED_IT = Rule(
    "STU-036",
    "The same person proposed this change: {proposed_by}.",
    "Ask a second Secure ID manager to approve it. DeclineStateId takes it back.",
    fields=("student_id",),
)
NO_OPEN_SPLIT = Rule(
    "STU-037",
    "There is no open split between {student_id} and {with_id}.",
    "Look up the splits: GET /identity-changes?kind=split.",
    fields=("with_id",),
)

RULES = by_code(rule for rule in list(globals().values()) if isinstance(rule, Rule))
