"""The reports, each a value, and what works them off.

- `report`: what a report is. `child_count`, …: the reports. `registry`: all of them, by name.
- `judging`: reads the facts of a few students at a time and judges them.
- `known`: lets the same SQL read the records as they were known at an earlier moment.
- `documents`: an answer as CSV and as a spreadsheet.

A new report is a module with a `Report`, and a line in `registry`. Everything else loops over the registry.
"""
