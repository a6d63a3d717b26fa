"""A population of children who do not exist, whose counts are exactly the published ones.

Reading order: `codes`, `cells`, `reading` (a file, or every reason to refuse it), `fit` (whole numbers of
children), `children` (one by one), `pupils` (with a name, a birth date and a school), `selection`, `compare`.
"""
