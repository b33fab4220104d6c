"""Certificates and invoices on paper: one A4 page each, for people.

The signed files are what proves something; these pages say the same in words, and a
certificate's QR code leads to the public page that says how the licence stands.
"""

import io
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

import segno
from django.conf import settings
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from royalties.models import Invoice, Licence

HAN: Final = "STSong-Light"
QR_SIDE: Final = 34 * mm
MARGIN: Final = 20 * mm
TITLE: Final = ParagraphStyle(
    "title", fontName="Helvetica-Bold", fontSize=18, leading=24
)
BODY: Final = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=13)
LABEL: Final = ParagraphStyle(
    "label", parent=BODY, textColor=colors.HexColor("#555555")
)
FOOT: Final = ParagraphStyle("foot", parent=BODY, fontSize=8, leading=11)


def standing_url(licence: Licence) -> str:
    """The public page that says how a licence stands now."""
    return f"{settings.PUBLIC_URL}/verify/{licence.id}"


def certificate_pdf(licence: Licence) -> bytes:
    """The licence's certificate as a page with a QR code."""
    document: Mapping[str, Any] = licence.certificate["document"]
    organisation = document.get("organisation") or {}
    facts = [
        ("Licence", document["licence"]),
        ("Licensee", document["licensee"]),
        ("Organisation", _lines(organisation)),
        ("Seats", document.get("seats", 1)),
        ("Model", f"{document['model']} of {document['licensor']}"),
        ("Model, SHA-256", document["model_digest"]),
        ("Use", document["use"]),
        (
            "Price",
            f"{document['price']} {document['asset']} {document.get('period', '')}",
        ),
        ("Share of revenue", _percent(document["revenue_share_percent"])),
        ("Duties", ", ".join(document["duties"]) or "none"),
        ("Terms, SHA-256", document["terms_digest"]),
        ("Quote", document["quote"]),
        ("Granted", document.get("granted_at", document["issued_at"])),
        ("Issued", document["issued_at"]),
        ("Valid until", document["valid_until"] or "without end"),
        ("Issuer", document["issuer"]),
        ("Signing key", licence.certificate["key_id"]),
        ("Signature", licence.certificate["signature"]),
    ]
    url = standing_url(licence)
    return _page(
        "Licence certificate",
        [
            _facts(facts),
            Spacer(0, 6 * mm),
            Table(
                [[_qr(url), _text(f"How this licence stands today: {url}", BODY)]],
                colWidths=[QR_SIDE + 6 * mm, None],
                style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
                hAlign="LEFT",
            ),
            _text(
                "The signed file proves the licence; this page shows what it says. "
                "Check the file with assay licence verify, ssh-keygen -Y verify or any "
                "JOSE library.",
                FOOT,
            ),
        ],
    )


def invoice_pdf(invoice: Invoice) -> bytes:
    """An invoice or credit note as a page."""
    document: Mapping[str, Any] = invoice.document
    asset = document["asset"]
    facts = [
        ("Number", invoice.number),
        ("Date", f"{invoice.issued_at:%Y-%m-%d}"),
        ("Corrects", document["corrects"]),
        ("Seller", document["seller"]),
        ("Buyer", _lines(document["buyer"])),
        ("Account", document["licensee"]),
        ("Licence", document["licence"]),
        ("Payment", document["payment"]),
        ("For", document["line"]),
        ("Net", f"{document['net']} {asset}"),
        (f"VAT, {document['vat_percent']} %", f"{document['vat']} {asset}"),
        ("Total", f"{document['gross']} {asset}"),
    ]
    note = [_text(document["vat_note"], FOOT)] if document["vat_note"] else []
    title = f"{document['kind'].capitalize()} {invoice.number}"
    return _page(title, [_facts(facts), Spacer(0, 4 * mm), *note])


def _page(title: str, story: Sequence[Flowable]) -> bytes:
    target = io.BytesIO()
    template = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=title,
        author=settings.INVOICE_SELLER.splitlines()[0]
        if settings.INVOICE_SELLER
        else "",
        invariant=1,
    )
    template.build([_text(title, TITLE), Spacer(0, 4 * mm), *story])
    return target.getvalue()


def _facts(facts: Sequence[tuple[str, object]]) -> Table:
    rows = [
        [_text(label, LABEL), _text(str(value), BODY)]
        for label, value in facts
        if str(value)
    ]
    return Table(
        rows,
        colWidths=[36 * mm, None],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#dddddd")),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ],
    )


def _qr(url: str) -> Drawing:
    matrix = segno.make(url, error="m").matrix
    side = QR_SIDE / (len(matrix) + 4)
    drawing = Drawing(QR_SIDE, QR_SIDE)
    dark = (
        (row, column)
        for row, modules in enumerate(matrix)
        for column, module in enumerate(modules)
        if module
    )
    for row, column in dark:
        square = Rect((column + 2) * side, QR_SIDE - (row + 3) * side, side, side)
        square.strokeWidth, square.fillColor = 0, colors.black
        drawing.add(square)
    return drawing


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    """A paragraph whose letters all have a font: Latin ones, else the Han font."""
    if HAN not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(HAN))
    return Paragraph("".join(_shown(char) for char in text), style)


def _shown(char: str) -> str:
    if char == "\n":
        return "<br/>"
    if _has(char, "cp1252"):
        return escape(char)
    if _has(char, "gbk"):
        return f'<font name="{HAN}">{escape(char)}</font>'
    plain = unicodedata.normalize("NFKD", char)[0]
    return escape(plain) if _has(plain, "cp1252") else "?"


def _has(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _lines(fields: Mapping[str, str]) -> str:
    return "\n".join(fields.values())


def _percent(share: str) -> str:
    return f"{share} %" if share else ""
