"""Reading a submission: from the bytes of its files to rows, and to everything that is wrong with them.

| module | what it does |
|---|---|
| `files` | the files of a submission: a ZIP, or one CSV; the limits |
| `manifest` | what the sender announces: format, LEA, form of the dates, totals |
| `lines` | from bytes to rows of cells: encoding, separator, quotation marks |
| `header` | the names of the columns |
| `cells` | from a cell to a value |
| `damage` | what spreadsheets do to cells |
| `rows` | from a row of cells to a row of values, checked with the models of its commands |
| `survey` | the first pass over a file: totals, keys that are there twice, damage by column |
| `submission` | all of it: the findings about the submission, its files and its rows |

Each file is read twice, the second time row by row with what the first pass found. Memory holds a number for
each key, and nothing else of a file.
"""
