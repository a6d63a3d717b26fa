"""A population of invented children whose counts equal the published counts, cell by cell.

| module | what it holds |
|---|---|
| `population` | makes a population from published cells, and selects a part of it |
| `codes` | the codes a file of cells may use |
| `cells` | published cells, and their comparison with other counts |
| `cells_file`, `csv_rows` | read a file of cells, or list every reason to refuse it |
| `spreadsheet` | recognizes values that a spreadsheet changed |
| `findings` | the rules for files, and a finding with its place and its solution |
| `contradictions` | finds cells that contradict each other |
| `fit` | finds whole numbers of children that match every cell |
| `unknowns` | the unknowns of one age group as columns of a linear program |
| `linear_program` | solves linear and integer programs with HiGHS |
| `expectation` | which children to expect, and which kinds are unlikely |
| `children` | makes each child from the fitted tables, and counts children into cells |
| `pupils` | gives each child a state id, a name, a birth date, a school and a grade |
| `leas` | reads the school systems, and spreads children over them |

`python -m deploy.population` shows a population.
"""
