"""The federal files of IDEA: what each contains by school year, its rows, its text, and its checks.

In reading order: `specification`, `declarations`, `rows`, `text`; then `population`, `directory` and
`levels`, the students and the units of each level; then `comparison` with the year before; then `rules` and
`checks`.
"""
