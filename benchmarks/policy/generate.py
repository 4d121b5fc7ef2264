"""A labelled set of sentences with made-up identifiers, and of others with numbers that look like them.

Independent of the detectors: check digits are computed here in the generator's own way. Equal seeds give
equal sets. Sentences of one half were looked at while the detectors were tuned, those of the other were not.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from benchmarks.policy.sentences import COMPANIES, NAMES, NEGATIVE, POSITIVE

Half = Literal["tuning", "held_out"]
HALVES: tuple[Half, ...] = ("tuning", "held_out")


@dataclass(frozen=True, slots=True)
class Labelled:
    """`kind` is None and the place empty where the text holds no identifier."""

    text: str
    kind: str | None
    start: int
    end: int
    half: Half


def labelled_set(num_positives: int, num_negatives: int, seed: int = 11) -> list[Labelled]:
    """So many sentences of each sort, evenly over the kinds, the templates and the halves."""
    dice = random.Random(seed)
    kinds = list(POSITIVE)
    made = [
        _positive(dice, kinds[place % len(kinds)], HALVES[place // len(kinds) % 2])
        for place in range(num_positives)
    ]
    made += [_negative(dice, HALVES[place % 2]) for place in range(num_negatives)]
    return made


def _positive(dice: random.Random, kind: str, half: Half) -> Labelled:
    template = dice.choice(POSITIVE[kind][HALVES.index(half) :: 2])
    value = VALUES[kind](dice)
    before, after = (_filled(dice, part) for part in template.split("{x}"))
    return Labelled(before + value + after, kind, len(before), len(before) + len(value), half)


def _negative(dice: random.Random, half: Half) -> Labelled:
    """A sentence with other numbers, or one with an identifier whose check digit is wrong."""
    if dice.random() < 0.25:
        kind = dice.choice(CHECKED)
        template = dice.choice(POSITIVE[kind][HALVES.index(half) :: 2])
        text = _filled(dice, template.replace("{x}", _spoiled(dice, kind)))
    else:
        text = _filled(dice, dice.choice(NEGATIVE[HALVES.index(half) :: 2]))
    return Labelled(text, None, 0, 0, half)


CHECKED = (
    "es_dni",
    "es_nie",
    "es_cif",
    "mx_curp",
    "mx_clabe",
    "ar_cuit",
    "br_cpf",
    "br_cnpj",
    "br_pis",
    "iban",
    "card",
)
"""Kinds whose check digit, changed, leaves no other identifier."""


def _spoiled(dice: random.Random, kind: str) -> str:
    """A value of the kind with its last sign replaced by another of the same sort."""
    value = VALUES[kind](dice)
    last = value[-1]
    signs = (
        string.digits if last.isdigit() else "ABCDEFGHJ" if kind == "es_cif" else "TRWAGMYFPDXBNJZSQVHLCKE"
    )
    return value[:-1] + dice.choice([sign for sign in signs if sign != last])


_PLACE = re.compile(r"\{(\w+)(?::(\d+))?\}")


def _filled(dice: random.Random, template: str) -> str:
    return _PLACE.sub(lambda place: _FILLINGS[place[1]](dice, int(place[2] or 0)), template)


def _digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(string.digits, k=count))


def _letters(dice: random.Random, count: int) -> str:
    return "".join(dice.choices(string.ascii_uppercase, k=count))


def _any_day(dice: random.Random) -> date:
    return date(2015, 1, 1) + timedelta(days=dice.randrange(4300))


def _written_day(dice: random.Random, day: date) -> str:
    english, spanish, portuguese = (
        names.split()[day.month - 1]
        for names in (
            "January February March April May June July August September October November December",
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        )
    )
    return dice.choice(
        (
            f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}", f"{day:%d-%m-%Y}",
            f"{day.day} de {spanish} de {day.year}", f"{day.day} de {portuguese} de {day.year}",
            f"{english} {day.day}, {day.year}", f"{day.day} {english} {day.year}",
        )
    )  # fmt: skip


def _amount(dice: random.Random, _size: int) -> str:
    value = dice.randrange(1_000, 99_999_999)
    english = f"{value // 100:,}.{value % 100:02}"
    return dice.choice(
        (english, english.translate(str.maketrans(",.", ".,")), f"{value // 100}.{value % 100:02}")
    )


def _big(dice: random.Random, _size: int) -> str:
    value = f"{dice.randrange(10**6, 10**10):,}"
    spaced = value.replace(",", " ")
    return dice.choice(
        (
            f"${value}",
            f"{value} USD",
            f"{value.replace(',', '.')} €",
            f"{spaced} EUR",
            f"R$ {value.replace(',', '.')},00",
        )
    )


def _part(dice: random.Random, _size: int) -> str:
    return dice.choice(
        (
            f"{_letters(dice, 2)}-{_digits(dice, 4)}-{_digits(dice, 3)}",
            f"{_letters(dice, 1)}{_digits(dice, 8)}",
            f"{_digits(dice, 8)}{_letters(dice, 1)}",
            f"{_digits(dice, 3)}-{_digits(dice, 2)}-{_digits(dice, 4)}",
            f"{_digits(dice, 2)}-{_digits(dice, 7)}",
            f"{_letters(dice, 3)}{_digits(dice, 6)}",
            f"{_letters(dice, 4)}-{_digits(dice, 6)}-{_letters(dice, 3)}",
            f"VN{_digits(dice, 2)} {_digits(dice, 4)} {_digits(dice, 4)}",
        )
    )  # fmt: skip


def _version(dice: random.Random, _size: int) -> str:
    numbers = [str(dice.randrange(0, 40)) for _part in range(dice.choice((3, 4)))]
    return dice.choice(("", "v", "V")) + ".".join(numbers)


def _isbn(dice: random.Random, _size: int) -> str:
    body = "978" + _digits(dice, 9)
    number = body + _ean_check(body)
    return dice.choice((number, f"{number[:3]}-{number[3:5]}-{number[5:9]}-{number[9:12]}-{number[12]}"))


def _ean(dice: random.Random, _size: int) -> str:
    body = dice.choice(("84", "750", "779", "789")) + _digits(dice, 12)
    return body[:12] + _ean_check(body[:12])


def _ean_check(body: str) -> str:
    return str((10 - sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(body)) % 10) % 10)


_FILLINGS: dict[str, Callable[[random.Random, int], str]] = {
    "name": lambda dice, _size: dice.choice(NAMES),
    "company": lambda dice, _size: dice.choice(COMPANIES),
    "amount": _amount,
    "date": lambda dice, _size: _written_day(dice, _any_day(dice)),
    "n": _digits,
    "p": _part,
    "big": _big,
    "version": _version,
    "isbn": _isbn,
    "ean": _ean,
    "hex": lambda dice, size: "".join(dice.choices("0123456789abcdef", k=size)),
    "uuid": lambda dice, _size: str(UUID(int=dice.getrandbits(128))),
    "c": lambda dice, _size: f"{_letters(dice, 3)}U {_digits(dice, 6)}-{_digits(dice, 1)}",
    "lat": lambda dice, _size: f"{dice.choice(('', '-'))}{dice.randrange(10, 80)}.{_digits(dice, 6)}",
    "mac": lambda dice, _size: ":".join(f"{dice.randrange(256):02X}" for _byte in range(3)),
}


def _grouped(dice: random.Random, number: str, groups: tuple[int, ...], separators: tuple[str, ...]) -> str:
    """Cut into the groups, joined by one of the separators."""
    parts, position = [], 0
    for size in groups:
        parts.append(number[position : position + size])
        position += size
    return dice.choice(separators).join(parts)


def _with_luhn(body: str) -> str:
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in body[::-1][::2]]
    return body + str(-(sum(doubled) + sum(map(int, body[::-1][1::2]))) % 10)


def _dni(dice: random.Random) -> str:
    number = dice.randrange(10_000_000, 99_999_999)
    letter = "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]
    dotted = f"{number:,}".replace(",", ".")
    return dice.choice(
        (
            f"{number}{letter}",
            f"{number}-{letter}",
            f"{dotted}-{letter}",
            f"{number} {letter}",
            f"{dotted}{letter}",
        )
    )


def _nie(dice: random.Random) -> str:
    first, body = dice.randrange(3), _digits(dice, 7)
    letter = "TRWAGMYFPDXBNJZSQVHLCKE"[int(f"{first}{body}") % 23]
    return dice.choice(
        (f"{'XYZ'[first]}{body}{letter}", f"{'XYZ'[first]}-{body}-{letter}", f"{'XYZ'[first]}{body}-{letter}")
    )


def _cif(dice: random.Random) -> str:
    first, body = dice.choice("ABEHFGJUPQRSNW"), _digits(dice, 7)
    odd = sum(sum(divmod(2 * int(digit), 10)) for digit in body[0::2])
    control = (10 - (odd + sum(map(int, body[1::2]))) % 10) % 10
    check = "JABCDEFGHI"[control] if first in "PQRSNW" else str(control)
    return dice.choice((f"{first}{body}{check}", f"{first}-{body}{check}", f"{first}{body}-{check}"))


def _es_nss(dice: random.Random) -> str:
    province, body = f"{dice.randrange(1, 53):02}", f"{dice.randrange(10_000_000, 99_999_999)}"
    check = f"{int(province + body) % 97:02}"
    return _grouped(dice, province + body + check, (2, 8, 2), ("", "/", " ", "-"))


def _curp(dice: random.Random) -> str:
    body = _letters(dice, 1) + dice.choice("AEIOU") + _letters(dice, 2) + f"{_any_birthday(dice):%y%m%d}"
    body += dice.choice("HM") + dice.choice(("DF", "JC", "NL", "PL", "QT", "YN", "VZ"))
    body += "".join(dice.choices("BCDFGHJKLMNPQRSTVWXYZ", k=3)) + dice.choice("0123456789AB")
    signs = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    return body + str(
        -sum(signs.find(sign) * weight for sign, weight in zip(body, range(18, 1, -1), strict=True)) % 10
    )


def _rfc(dice: random.Random) -> str:
    letters = _letters(dice, dice.choice((3, 4)))
    body = (
        letters
        + f"{_any_birthday(dice):%y%m%d}"
        + "".join(dice.choices("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=2))
    )
    signs = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"
    padded = " " * (12 - len(body)) + body
    rest = sum(signs.find(sign) * weight for sign, weight in zip(padded, range(13, 1, -1), strict=True)) % 11
    check = {0: "0", 1: "A"}.get(rest, str(11 - rest))
    whole, cut = body + check, len(letters)
    return dice.choice((whole, whole, f"{whole[:cut]}-{whole[cut : cut + 6]}-{whole[cut + 6 :]}"))


def _mx_nss(dice: random.Random) -> str:
    number = _with_luhn(dice.choice("123456789") + _digits(dice, 9))
    return dice.choice((number, number, _grouped(dice, number, (2, 2, 2, 4, 1), ("-", " "))))


def _clabe(dice: random.Random) -> str:
    body = dice.choice(("002", "012", "014", "021", "072", "127")) + _digits(dice, 14)
    check = -sum(int(digit) * weight % 10 for digit, weight in zip(body, (3, 7, 1) * 6, strict=False)) % 10
    return dice.choice((f"{body}{check}", _grouped(dice, f"{body}{check}", (3, 3, 11, 1), (" ", "-"))))


def _ar_dni(dice: random.Random) -> str:
    number = dice.randrange(5_000_000, 60_000_000)
    return dice.choice((str(number), f"{number:,}".replace(",", ".")))


def _cuit(dice: random.Random) -> str:
    while True:
        body = dice.choice(("20", "23", "24", "27", "30", "33")) + _digits(dice, 8)
        check = (
            11
            - sum(int(digit) * weight for digit, weight in zip(body, map(int, "5432765432"), strict=True))
            % 11
        )
        if check != 10:
            number = body + str(check % 11)
            return dice.choice((number, _grouped(dice, number, (2, 8, 1), ("-", "-", "/"))))


def _ssn(dice: random.Random) -> str:
    area = dice.choice([area for area in range(1, 900) if area != 666])
    return f"{area:03}-{dice.randrange(1, 100):02}-{dice.randrange(1, 10_000):04}"


def _ein(dice: random.Random) -> str:
    prefix = dice.choice(("01", "12", "20", "27", "35", "46", "52", "61", "74", "81", "85", "93", "98"))
    return f"{prefix}-{_digits(dice, 7)}"


def _routing(dice: random.Random) -> str:
    body = f"{dice.choice((1, 2, 3, 7, 9, 11, 12, 21, 26, 31, 32)):02}{_digits(dice, 6)}"
    check = (
        -sum(int(digit) * weight for digit, weight in zip(body, (3, 7, 1, 3, 7, 1, 3, 7), strict=True)) % 10
    )
    return f"{body}{check}"


def _brazilian_check(digits: list[int], weights: list[int]) -> int:
    rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) * 10 % 11
    return rest % 10


def _cpf(dice: random.Random) -> str:
    digits = [dice.randrange(10) for _place in range(9)]
    for first in (10, 11):
        digits.append(_brazilian_check(digits, list(range(first, 1, -1))))
    number = "".join(map(str, digits))
    return f"{number[:3]}.{number[3:6]}.{number[6:9]}-{number[9:]}"


def _cpf_any(dice: random.Random) -> str:
    written = _cpf(dice)
    return (
        dice.choice((written, written, written, re.sub(r"\D", "", written)))
        if dice.random() < 0.8
        else written
    )


def _cnpj(dice: random.Random) -> str:
    signs = string.digits if dice.random() < 0.6 else string.digits + string.ascii_uppercase
    body = "".join(dice.choices(signs, k=8)) + (
        "0001" if dice.random() < 0.6 else "".join(dice.choices(signs, k=4))
    )
    values = [ord(sign) - ord("0") for sign in body]
    weights = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
    for more in ([], [6]):
        values.append(_brazilian_check(values, more + weights))
    number = body + "".join(map(str, values[12:]))
    return f"{number[:2]}.{number[2:5]}.{number[5:8]}/{number[8:12]}-{number[12:]}"


def _pis(dice: random.Random) -> str:
    digits = [1, 2, *(dice.randrange(10) for _place in range(8))]
    digits.append(_brazilian_check(digits, [3, 2, 9, 8, 7, 6, 5, 4, 3, 2]))
    number = "".join(map(str, digits))
    return dice.choice((number, f"{number[:3]}.{number[3:8]}.{number[8:10]}-{number[10]}"))


def _rg(dice: random.Random) -> str:
    number = _digits(dice, 8)
    check = dice.choice("0123456789X")
    return dice.choice(
        (
            f"{number[:2]}.{number[2:5]}.{number[5:]}-{check}",
            f"MG-{number[:2]}.{number[2:5]}.{number[5:]}",
            f"{number}{check}",
        )
    )


_IBAN_BODIES = {
    "ES": (20, False), "DE": (18, False), "FR": (23, False), "PT": (21, False), "IT": (23, False),
    "GB": (18, True), "NL": (14, True), "BR": (25, False), "BE": (12, False), "CH": (17, False),
    "IE": (18, True), "PL": (24, False),
}  # fmt: skip


def _iban(dice: random.Random) -> str:
    country = dice.choice(list(_IBAN_BODIES))
    length, has_letters = _IBAN_BODIES[country]
    body = (
        _letters(dice, 4) + _digits(dice, length - 4)
        if has_letters and country in "GB NL IE"
        else _digits(dice, length)
    )
    rest = 0
    for sign in body + country + "00":
        value = int(sign, 36)
        rest = (rest * (100 if value > 9 else 10) + value) % 97
    whole = f"{country}{98 - rest:02}{body}"
    spaced = " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))
    return dice.choice((whole, spaced))


def _card(dice: random.Random) -> str:
    prefix, length = dice.choice(
        (
            ("4", 16),
            ("51", 16),
            ("55", 16),
            ("2221", 16),
            ("34", 15),
            ("37", 15),
            ("6011", 16),
            ("36", 14),
            ("3530", 16),
        )
    )
    number = _with_luhn(prefix + _digits(dice, length - len(prefix) - 1))
    groups = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4)}[length]
    return dice.choice((number, _grouped(dice, number, groups, (" ", "-"))))


def _mail(dice: random.Random) -> str:
    name = dice.choice(
        ("ana.ruiz", "j.whitfield", "compras", "rui_salgado", "m-quiroga", "priya.raman+cold", "soporte24")
    )
    hosts = ("valdenieve.example", "frio-norte.com.mx", "coldline.co.uk", "serra-azul.com.br", "la-vega.es")
    return f"{name}@{dice.choice(hosts)}"


def _phone(dice: random.Random) -> str:
    spain = dice.choice("67") + _digits(dice, 8)
    mexico = dice.choice(("55", "33", "81")) + dice.choice("12345678") + _digits(dice, 7)
    argentina = "11" + dice.choice("456") + _digits(dice, 7)
    us = (
        dice.choice(("212", "512", "415", "737"))
        + dice.choice("2345678")
        + dice.choice("02345678")
        + _digits(dice, 5)
    )
    brazil = dice.choice(("11", "21", "41", "81")) + "9" + dice.choice("6789") + _digits(dice, 7)
    return dice.choice(
        (
            f"+34 {spain[:3]} {spain[3:6]} {spain[6:]}",
            f"+34{spain}",
            f"+52 {mexico[:2]} {mexico[2:6]} {mexico[6:]}",
            f"+52 1 {mexico[:2]} {mexico[2:6]} {mexico[6:]}",
            f"({mexico[:2]}) {mexico[2:6]} {mexico[6:]}",
            f"+54 9 11 {argentina[2:6]}-{argentina[6:]}",
            f"(011) {argentina[2:6]}-{argentina[6:]}",
            f"({us[:3]}) {us[3:6]}-{us[6:]}",
            f"{us[:3]}-{us[3:6]}-{us[6:]}",
            f"+1 {us[:3]} {us[3:6]} {us[6:]}",
            f"+1-{us[:3]}-{us[3:6]}-{us[6:]}",
            f"+55 {brazil[:2]} {brazil[2:7]}-{brazil[7:]}",
            f"({brazil[:2]}) {brazil[2:7]}-{brazil[7:]}",
            f"+55 ({brazil[:2]}) {brazil[2:7]}-{brazil[7:]}",
            f"+49 30 {dice.randrange(1_000_000, 9_999_999)}",
            f"+44 20 7{_digits(dice, 3)} {_digits(dice, 4)}",
        )
    )


def _passport(dice: random.Random) -> str:
    return dice.choice(
        (
            f"{_letters(dice, 3)}{_digits(dice, 6)}",
            f"{_letters(dice, 1)}{_digits(dice, 8)}",
            f"{_letters(dice, 2)}{_digits(dice, 6)}",
            dice.choice("123456789") + _digits(dice, 8),
        )
    )


def _any_birthday(dice: random.Random) -> date:
    return date(1945, 1, 1) + timedelta(days=dice.randrange(22_000))


def _address(dice: random.Random) -> str:
    first = dice.choice([number for number in range(20, 168) if number != 127 and number != 100])
    return f"{first}.{dice.randrange(1, 18)}.{dice.randrange(1, 255)}.{dice.randrange(1, 255)}"


VALUES: dict[str, Callable[[random.Random], str]] = {
    "es_dni": _dni,
    "es_nie": _nie,
    "es_nss": _es_nss,
    "es_cif": _cif,
    "mx_curp": _curp,
    "mx_rfc": _rfc,
    "mx_nss": _mx_nss,
    "mx_clabe": _clabe,
    "ar_dni": _ar_dni,
    "ar_cuit": _cuit,
    "us_ssn": _ssn,
    "us_ein": _ein,
    "us_routing": _routing,
    "br_cpf": _cpf_any,
    "br_rg": _rg,
    "br_pis": _pis,
    "br_cnpj": _cnpj,
    "iban": _iban,
    "card": _card,
    "email": _mail,
    "phone": _phone,
    "passport": _passport,
    "birth_date": lambda dice: _written_day(dice, _any_birthday(dice)),
    "ip_address": _address,
}
