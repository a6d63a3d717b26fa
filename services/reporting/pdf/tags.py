"""The tags of a PDF: what each text is, and in which order a screen reader reads it."""

from collections.abc import Iterator
from typing import Any

from fpdf import FPDF
from fpdf.structure_tree import NumberTree, StructElem, StructTreeRoot, StructureTreeBuilder
from fpdf.syntax import PDFObject

_HEAD_OF_COLUMN = "<</O /Table /Scope /Column>>"
_HEAD_OF_ROW = "<</O /Table /Scope /Row>>"
_SCOPES = {"TH": _HEAD_OF_COLUMN, "TH row": _HEAD_OF_ROW}


class Tag(StructElem):
    """One element: a heading, a table, a row, a cell … . `a`: of a head, whose head it is. `said`: what a
    screen reader says of a picture."""

    __slots__ = ("a",)

    def __init__(self, kind: str, parent: PDFObject, page: Any, page_number: int, said: str | None) -> None:
        super().__init__(f"/{kind.partition(' ')[0]}", parent, [], page_number, alt=said)
        self.pg: Any = page
        self.a = _SCOPES.get(kind)

    def serialize(self, obj_dict: Any = None, _security_handler: Any = None) -> str:
        """The element as the file has it. fpdf2 finds the fields by their names, in ten times the time."""
        kids = " ".join(one.ref if isinstance(one, PDFObject) else str(one) for one in self.k)
        about = f"/A {self.a} " if self.a else ""
        about += f"/Alt {self.alt.serialize()} " if self.alt else ""
        assert isinstance(self.p, PDFObject)
        return (
            f"{self.id} 0 obj\n<</Type /StructElem /S {self.s} /P {self.p.ref} /Pg {self.pg.ref}"
            f" {about}/K [{kids}]>>\nendobj"
        )


class Tags(StructureTreeBuilder):
    """The elements of a document. fpdf2's own builder knows no element within another."""

    def __init__(self) -> None:
        self.struct_tree_root = StructTreeRoot()
        self.doc_struct_elem = StructElem("/Document", self.struct_tree_root, [])
        self.struct_tree_root.k.append(self.doc_struct_elem)
        self.spid_per_page_number = {}
        self._all: list[Tag] = []

    @property
    def _texts(self) -> NumberTree:
        return self.struct_tree_root.parent_tree

    def open(self, pdf: FPDF, kind: str, parent: Tag | None = None, said: str | None = None) -> Tag:
        """A new element at the end of `parent`, or of the document."""
        within = parent or self.doc_struct_elem
        tag = Tag(kind, within, pdf.pages[pdf.page], pdf.page, said)
        within.k.append(tag)
        self._all.append(tag)
        return tag

    def text(self, pdf: FPDF, tag: Tag) -> int:
        """The number of the next text on this page, which belongs to the element."""
        page = self.spid_per_page_number.setdefault(pdf.page, len(self.spid_per_page_number))
        pdf.pages[pdf.page].struct_parents = page
        number = len(self._texts.nums[page])
        self._texts.nums[page].append(tag)
        tag.k.append(number)
        return number

    def empty(self) -> bool:
        return not self._all

    def __iter__(self) -> Iterator[PDFObject]:
        yield self.struct_tree_root
        yield self.doc_struct_elem
        yield self._texts
        yield from self._all
