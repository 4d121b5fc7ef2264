"""Words that say what the number behind them is: a kind of identifier, or something that is none."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from core.quality.policy.folding import fold

LABELS: dict[str, str] = {
    "es_dni": (
        "dni; d.n.i.; nif; n.i.f.; documento nacional de identidad; documento de identidad; id number"
    ),
    "es_nie": "nie; n.i.e.; numero de identidad de extranjero; identidad de extranjero; dni; nif",
    "es_cif": (
        "cif; c.i.f.; nif; n.i.f.; identificacion fiscal; vat; vat no; vat number; s.l.; s.a.; s.l.u.; "
        "s.a.u.; tax id; n.º iva; numero de iva"
    ),
    "es_nss": (
        "seguridad social; nss; n.s.s.; numero de afiliacion; naf; afiliacion; social security; "
        "seguranca social; nuss"
    ),
    "iban": "iban; cuenta; account; conta",
    "mx_curp": "curp; clave unica",
    "mx_rfc": "rfc; r.f.c.; registro federal",
    "mx_clabe": (
        "clabe; interbancaria; cuenta clabe; spei; interbank account; transferencia a la cuenta; conta clabe"
    ),
    "mx_nss": ("nss; n.s.s.; imss; seguro social; seguridad social; social security; numero de afiliacion"),
    "ar_dni": (
        "dni; d.n.i.; documento nacional de identidad; documento de identidad; doc. identidad; "
        "identity document; documento argentino"
    ),
    "ar_cuit": (
        "cuit; cuil; c.u.i.t.; c.u.i.l.; clave unica de identificacion tributaria; clave unica de "
        "identificacion laboral; cdi"
    ),
    "us_ssn": (
        "ssn; social security; social security number; soc. sec.; social; seguro social; taxpayer id; "
        "taxpayer identification; itin; tin; w-2; w-9"
    ),
    "us_ein": (
        "ein; employer identification; employer id; federal tax id; fein; tax id; taxpayer id; tin; "
        "taxpayer identification; federal id"
    ),
    "us_routing": (
        "routing; routing number; aba; rtn; transit number; routing no; ach; wire to; numero de ruta; "
        "codigo aba"
    ),
    "br_cpf": ("cpf; c.p.f.; cadastro de pessoas fisicas; cadastro de pessoa fisica; contribuinte; cpf/mf"),
    "br_cnpj": "cnpj; c.n.p.j.; cadastro nacional da pessoa juridica; cnpj/mf; cgc",
    "br_pis": "pis; pasep; pis/pasep; nit; nis; pis-pasep; numero do trabalhador; n.i.t.",
    "br_rg": (
        "rg; r.g.; registro geral; carteira de identidade; cedula de identidade; identidade; "
        "identidade n; doc. identidade"
    ),
    "card": (
        "card; credit card; debit card; card number; tarjeta; tarjeta de credito; tarjeta de debito; "
        "cartao; cartao de credito; cartao de debito; visa; mastercard; amex; american express; elo; "
        "pan"
    ),
    "phone": (
        "phone; telephone; tel; tel.; mobile; cell; cell phone; call; call us; fax; whatsapp; text; "
        "sms; reach me at; reach her at; reach him at; dial; telefono; tfno; tlf; tlfno; movil; "
        "celular; cel; llamar al; llame al; llama al; llamen al; marque; telefonico; contacto; "
        "contact; telefone; fone; ligue; ligar para; contato; ramal; zap; hotline; helpline; linea "
        "directa; emergency; emergencia; emergencias"
    ),
    "passport": "passport; passport no; passport number; pasaporte; passaporte; travel document",
    "birth_date": (
        "date of birth; birth date; birthdate; dob; d.o.b.; born; born on; birthday; fecha de "
        "nacimiento; f. nacimiento; fecha nac; f. nac; nacido; nacida; nacio; nacimiento; data de "
        "nascimento; nascido; nascida; nascimento; data nasc; nasc; dt. nasc; cumpleanos; aniversario"
    ),
    "ip_address": "ip; ip address; direccion ip; endereco ip; ipv4; ipv6; host; from",
}
"""Phrases by kind of identifier, without case and accents."""

OTHER = "other"
OTHER_LABELS = (
    "invoice; invoice no; bill; order; order no; purchase order; po; p.o.; po number; quote; "
    "quotation; sku; part; part no; part number; p/n; item; article; product; product code; model; "
    "ref; reference; tracking; shipment; waybill; awb; consignment; lot; batch; serial; serial no; "
    "s/n; version; v; build; release; firmware; isbn; issn; ean; gtin; upc; imei; imsi; ticket; case; "
    "case no; hash; commit; checksum; sha; md5; uuid; contract; contract no; policy; policy no; "
    "document no; page; section; clause; total; amount; price; subtotal; balance; quantity; units; "
    "meter; reading; container; vehicle; plate; asset; asset tag; job; request; claim; docket; "
    "drawing; customer number; customer no; account code; cost centre; project; folder; file; barcode; "
    "qr; register; receipt; delivery; delivery note; port; coordinates; factura; facturas; fra; "
    "pedido; orden; orden de compra; o.c.; presupuesto; cotizacion; articulo; pieza; parte; n.º de "
    "pieza; producto; codigo; codigo de producto; modelo; referencia; seguimiento; guia; rastreo; "
    "envio; albaran; remito; lote; serie; numero de serie; expediente; caso; folio; folio fiscal; "
    "contrato; poliza; pagina; apartado; importe; monto; precio; saldo; cantidad; unidades; contador; "
    "lectura; contenedor; matricula; patente; placa; plano; cliente n; numero de cliente; centro de "
    "coste; proyecto; carpeta; archivo; codigo de barras; recibo; ticket de compra; catalogo; activo; "
    "inventario; comprobante; cae; cai; punto de venta; nota fiscal; nf; nf-e; nfe; chave de acesso; "
    "fatura; pedido de compra; ordem; ordem de servico; os n; orcamento; peca; codigo do produto; "
    "referencia do item; rastreamento; remessa; entrega; versao; protocolo; processo; apolice; valor; "
    "preco; quantidade; medidor; leitura; desenho; numero do cliente; centro de custo; projeto; pasta; "
    "arquivo; boleto; linha digitavel; patrimonio; chamado; catalog; catalogue; inscricao estadual; "
    "ncm; rev; revision; log; id; sensor; device; dispositivo; probe; sonda"
)

WINDOW = 60  # characters before a number in which its label is looked for
_BEHIND = 18  # and behind it, where none stands before
_SENTENCE_END = re.compile(r"[a-zà-ÿ]{4}[.!?…][\"')»\]]*\s+[¿¡\"'(«]*[A-ZÀ-Þ][a-zà-ÿ]")
_OWN_NUMBER = re.compile(r"\d{2}")
_LIST_SIGNS = re.compile(r"[\s\-*•·–>|]*")


class Label(NamedTuple):
    """`names` are kinds of identifiers, or OTHER."""

    names: frozenset[str]

    @property
    def is_other(self) -> bool:
        return OTHER in self.names


NO_LABEL = Label(frozenset())


def label_of(text: str, start: int, end: int) -> Label:
    """What is said about text[start:end]: by the nearest label before it, right behind it, or at the head of
    its column where it stands in a table whose cells are parted by tabs.
    """
    return _before(text, start) or _behind(text, end) or _column_head(text, start) or NO_LABEL


def _before(text: str, start: int) -> Label | None:
    window = text[max(0, start - WINDOW) : start]
    line = window.rpartition("\n")[2]
    if len(line) < len(window) and not _LIST_SIGNS.sub("", line):
        line = _line_above(window) + " "
    for sentence in _SENTENCE_END.finditer(line):
        line = " " * (sentence.end() - 2) + line[sentence.end() - 2 :]
    return _last_label(line.rpartition("\t")[2])


def _line_above(window: str) -> str:
    """The line before, where it is a label alone: "CPF:" over the number."""
    above = window.rstrip(" \t\n-*•·–>|").rpartition("\n")[2]
    return above if above.endswith(":") or len(above) <= 32 else ""


def _behind(text: str, end: int) -> Label | None:
    behind = text[end : end + _BEHIND].partition("\n")[0]
    opened = re.match(r"\s?[(\[]", behind)
    return _first_label(behind[opened.end() :]) if opened else None


def _column_head(text: str, start: int) -> Label | None:
    begin = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[begin : line_end if line_end >= 0 else len(text)]
    if "\t" not in line:
        return None
    column, head_begin = text.count("\t", begin, start), begin
    for _row in range(_MOST_ROWS):
        above = text.rfind("\n", 0, max(0, head_begin - 1)) + 1
        if head_begin == 0 or "\t" not in text[above : head_begin - 1]:
            break
        head_begin = above
    cells = text[head_begin : text.find("\n", head_begin) % (len(text) + 1)].split("\t")
    if head_begin == begin or column >= len(cells):
        return None
    return _last_label(cells[column][:WINDOW])


_MOST_ROWS = 2_000  # that a column's head may stand above a cell


def _last_label(written: str) -> Label | None:
    """The last label, a longer one before those within it. One for something else ends at its own number."""
    folded = fold(written)
    matches = list(_pattern().finditer(folded))
    if not matches:
        return None
    last = matches[-1]
    label = Label(_names()[last[0]])
    if label.is_other and _OWN_NUMBER.search(folded, last.end()):
        return None
    return label


def _first_label(written: str) -> Label | None:
    match = _pattern().match(fold(written).lstrip())
    return Label(_names()[match[0]]) if match else None


@cache
def _names() -> dict[str, frozenset[str]]:
    named: dict[str, set[str]] = {}
    for kind, listed in ((OTHER, OTHER_LABELS), *LABELS.items()):
        for phrase in listed.split(";"):
            named.setdefault(fold(phrase.strip()), set()).add(kind)
    return {phrase: frozenset(kinds - {OTHER}) or frozenset({OTHER}) for phrase, kinds in named.items()}


@cache
def _pattern() -> re.Pattern[str]:
    """All labels as whole words, the longest first. It only ever sees one WINDOW."""
    phrases = sorted(_names(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)")
