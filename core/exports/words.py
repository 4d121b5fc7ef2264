"""What a file says around the text, in the language of the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """`page_of` has {page} and {pages}, the others are whole."""

    contents: str
    sources: str
    page_of: str
    figure: str
    table: str
    chart: str
    note: str
    date: str
    version: str
    signature: str
    name: str
    position: str
    continued: str
    links: str
    confidential: str
    overview: str
    text: str
    fields: Mapping[str, str]


def words_of(language: str) -> Words:
    """In the language, or English where we have no words in it."""
    return _WORDS.get(language.partition("-")[0].lower(), _WORDS["en"])


_WORDS = {
    "en": Words(
        contents="Contents",
        sources="Sources",
        page_of="Page {page} of {pages}",
        figure="Figure",
        table="Table",
        chart="Chart",
        note="Note",
        date="Date",
        version="Version",
        signature="Signature",
        name="Name",
        position="Position",
        continued="continued",
        links="Links",
        confidential="Confidential",
        overview="Overview",
        text="Text",
        fields={
            "to": "To",
            "from": "From",
            "subject": "Subject",
            "reference": "Reference",
            "place": "Place",
            "date": "Date",
        },
    ),
    "es": Words(
        contents="Índice",
        sources="Fuentes",
        page_of="Página {page} de {pages}",
        figure="Figura",
        table="Tabla",
        chart="Gráfico",
        note="Nota",
        date="Fecha",
        version="Versión",
        signature="Firma",
        name="Nombre",
        position="Cargo",
        continued="continuación",
        links="Enlaces",
        confidential="Confidencial",
        overview="Resumen",
        text="Texto",
        fields={
            "to": "Para",
            "from": "De",
            "subject": "Asunto",
            "reference": "Referencia",
            "place": "Lugar",
            "date": "Fecha",
        },
    ),
    "pt": Words(
        contents="Sumário",
        sources="Fontes",
        page_of="Página {page} de {pages}",
        figure="Figura",
        table="Tabela",
        chart="Gráfico",
        note="Nota",
        date="Data",
        version="Versão",
        signature="Assinatura",
        name="Nome",
        position="Cargo",
        continued="continuação",
        links="Ligações",
        confidential="Confidencial",
        overview="Resumo",
        text="Texto",
        fields={
            "to": "Para",
            "from": "De",
            "subject": "Assunto",
            "reference": "Referência",
            "place": "Local",
            "date": "Data",
        },
    ),
    "ar": Words(
        contents="المحتويات",
        sources="المصادر",
        page_of="صفحة {page} من {pages}",
        figure="شكل",
        table="جدول",
        chart="رسم بياني",
        note="ملاحظة",
        date="التاريخ",
        version="الإصدار",
        signature="التوقيع",
        name="الاسم",
        position="المنصب",
        continued="تابع",
        links="روابط",
        confidential="سري",
        overview="نظرة عامة",
        text="النص",
        fields={
            "to": "إلى",
            "from": "من",
            "subject": "الموضوع",
            "reference": "المرجع",
            "place": "المكان",
            "date": "التاريخ",
        },
    ),
}
