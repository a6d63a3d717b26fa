"""Children lived through the system: each from an identity in eScholar to a place in the federal child count.

Reading order: `program`, `days`, `people`, `forms`, `life` (a child's messages);
`wire`, `answers`, `ledgers`, `lines`, `driver` (many children at once);
`counting`, `showcase`, `traffic`, `table`; `command`.
"""
