"""The indicators of the state performance plan: numerators, denominators, and who is in neither.

In reading order: `rules`, `year`, `shares`, `ownership`; then `child_find` (Indicator 11), `part_c` (12),
`transition` (13) and `environments` (5 and 6).
"""
