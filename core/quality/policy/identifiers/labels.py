"""Words that say what the number behind them is: a kind of identifier, or something that is none."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache
from typing import NamedTuple

from core.quality.policy.folding import fold

LABELS: dict[str, str] = {
    "es_dni": (
        "dni; d.n.i.; nif; n.i.f.; documento nacional de identidad; documento de identidad; id "
        "number; spanish id; national id; id card; identity number; identity card"
    ),
    "es_nie": "nie; n.i.e.; numero de identidad de extranjero; identidad de extranjero; dni; nif",
    "es_cif": (
        "cif; c.i.f.; nif; n.i.f.; identificacion fiscal; vat; vat no; vat number; s.l.; s.a.; "
        "s.l.u.; s.a.u.; tax id; n.º iva; numero de iva"
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
        "ssn; social security; social security number; soc. sec.; seguro social; taxpayer id; "
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
        "cartao; cartao de credito; cartao de debito; visa; mastercard; amex; american express"
    ),
    "phone": (
        "phone; telephone; tel; tel.; mobile; cell; cell phone; call; call us; fax; whatsapp; sms; "
        "reach me at; reach her at; reach him at; dial; telefono; tfno; tlf; tlfno; movil; celular; "
        "cel; llamar al; llame al; llama al; llamen al; marque; telefonico; telefone; fone; ligue; "
        "ligar para; ramal; zap; hotline; helpline; linea directa; emergency; emergencia; emergencias"
    ),
    "passport": "passport; passport no; passport number; pasaporte; passaporte; travel document",
    "birth_date": (
        "date of birth; birth date; birthdate; dob; d.o.b.; born; born on; birthday; fecha de "
        "nacimiento; f. nacimiento; fecha nac; f. nac; nacido; nacida; nacio; nacimiento; data de "
        "nascimento; nascido; nascida; nascimento; data nasc; nasc; dt. nasc; cumpleanos; aniversario"
    ),
    "ip_address": (
        "ip; ip address; direccion ip; endereco ip; ipv4; ipv6; host; from; server; client; login; "
        "session; connection; connections; requests from; router; firewall; proxy; dns; network "
        "address; servidor; cliente de red; inicio de sesion; sesion; conexion; red; acceso desde; "
        "sessao; conexao; acesso de; roteador"
    ),
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
    "ncm; rev; revision; log; id; sensor; device; dispositivo; probe; sonda; "
    "update; actualizacion; atualizacion; software; patch; parche; card reader; reader; lector; leitor; "
    "sim; sim card; chip; time card; door; puerta; porta"
)

WINDOW = 60  # characters before a number in which its label is looked for
_BEHIND = 18  # and behind it, where none stands before
_SENTENCE_END = re.compile(r"[a-zà-ÿ]{4}[.!?…][\"')»\]]*\s+[¿¡\"'(«]*[A-ZÀ-Þ][a-zà-ÿ]")
_OWN_NUMBER = re.compile(r"\d{2}.*?(?:[,;:(|–—]| - )")
_PARTED = re.compile(r"[\d,;|]|.{25}")
_LIST_SIGNS = re.compile(r"[\s\-*•·–>|]*")


class Label(NamedTuple):
    """`names` are kinds of identifiers, or OTHER."""

    names: frozenset[str]

    @property
    def is_other(self) -> bool:
        return OTHER in self.names


NO_LABEL = Label(frozenset())


class LabelledText:
    """A text whose labels are asked for. Finds its tables once, so that each question takes constant time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tabs = [match.start() for match in _TAB.finditer(text)]
        self._lines = [0, *(match.end() for match in _LINE_END.finditer(text))] if self._tabs else [0]
        self._heads = self._find_heads()

    def label_of(self, start: int, end: int) -> Label:
        """What is said about text[start:end]: by the nearest label before it, right behind it, or at the head
        of its column where it stands in a table whose cells are parted by tabs.
        """
        return _before(self._text, start) or _behind(self._text, end) or self._column_head(start) or NO_LABEL

    def _find_heads(self) -> list[int]:
        """For each line the line at which its table begins: the first of those in a row that hold a tab."""
        heads: list[int] = []
        for line, begin in enumerate(self._lines):
            end = self._lines[line + 1] if line + 1 < len(self._lines) else len(self._text)
            is_row = bisect_left(self._tabs, begin) < bisect_left(self._tabs, end)
            goes_on = is_row and line > 0 and heads[-1] >= 0
            heads.append(heads[-1] if goes_on else line if is_row else -1)
        return heads

    def _column_head(self, start: int) -> Label | None:
        line = bisect_right(self._lines, start) - 1
        head = self._heads[line]
        if head in (-1, line):
            return None
        first = bisect_left(self._tabs, self._lines[head])
        column = bisect_left(self._tabs, start) - bisect_left(self._tabs, self._lines[line])
        begin = self._lines[head] if column == 0 else self._tabs[first + column - 1 : first + column][0] + 1
        if begin >= self._lines[head + 1]:
            return None
        cell = self._text[begin : min(begin + WINDOW, self._lines[head + 1])]
        return _last_label(cell.split("\t")[0])


_TAB, _LINE_END = re.compile("\t"), re.compile("\n")


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


def _last_label(written: str) -> Label | None:
    """The last label, with those that stand right before it ("CLABE account"), a longer one before those
    within it. One for something else ends behind its own number, unless the sentence goes on.
    """
    folded = fold(written)
    matches = list(_pattern().finditer(folded))
    if not matches:
        return None
    last = matches[-1]
    label = Label(_names()[last[0]])
    if label.is_other:
        return None if _OWN_NUMBER.search(folded, last.end()) else label
    for match in reversed(matches[:-1]):
        if _PARTED.search(folded, match.end(), last.start()) or OTHER in _names()[match[0]]:
            break
        label = Label(label.names | _names()[match[0]])
        last = match
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
