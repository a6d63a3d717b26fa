"""Answers as PDF, for paper and for screen readers.

A process of its own makes each document, so its memory and its processor time are never the service's.

- `process`: starts that process and gives it the lines of a document.
- `typesetting`: the process: it reads lines and writes the document.
- `paper`: pages with heads and feet, headings, and tables that repeat their column heads.
- `widths`: which columns stand beside each other.
- `tags`: what a screen reader reads, in which order.
- `fonts`: Source Sans, as `make vendor` copies it.
"""
