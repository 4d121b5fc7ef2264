"""Numbers written as words in English, Spanish and Portuguese."""

from __future__ import annotations

from collections.abc import Sequence

from core.language.stop_words import Language


def _listed(first: int, step: int, words: str) -> dict[str, int]:
    """Words for first, first + step and so on; `/` parts ways to write one number."""
    return {
        word: first + step * index for index, group in enumerate(words.split()) for word in group.split("/")
    }


SMALL: dict[Language, dict[str, int]] = {
    "en": _listed(
        2, 1,
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen",
    ) | _listed(20, 10, "twenty thirty forty fifty sixty seventy eighty ninety") | {"zero": 0, "one": 1},
    "es": _listed(
        2, 1,
        "dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
        "dieciséis/dieciseis diecisiete dieciocho diecinueve veinte veintiuno/veintiún/veintiuna "
        "veintidós/veintidos veintitrés/veintitres veinticuatro veinticinco veintiséis/veintiseis "
        "veintisiete veintiocho veintinueve",
    ) | _listed(30, 10, "treinta cuarenta cincuenta sesenta setenta ochenta noventa") | _listed(
        100, 100,
        "cien/ciento doscientos/doscientas trescientos/trescientas cuatrocientos/cuatrocientas "
        "quinientos/quinientas seiscientos/seiscientas setecientos/setecientas ochocientos/ochocientas "
        "novecientos/novecientas",
    ) | {"cero": 0, "un": 1, "una": 1, "uno": 1},
    "pt": _listed(
        2, 1,
        "dois/duas três/tres quatro cinco seis sete oito nove dez onze doze treze quatorze/catorze quinze "
        "dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove",
    ) | _listed(20, 10, "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa") | _listed(
        100, 100,
        "cem/cento duzentos/duzentas trezentos/trezentas quatrocentos/quatrocentas quinhentos/quinhentas "
        "seiscentos/seiscentas setecentos/setecentas oitocentos/oitocentas novecentos/novecentas",
    ) | {"zero": 0, "um": 1, "uma": 1},
}  # fmt: skip

SCALES: dict[Language, dict[str, int]] = {
    "en": {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "mln": 10**6, "bln": 10**9},
    "es": {"mil": 1000, "millón": 10**6, "millones": 10**6, "billón": 10**12, "billones": 10**12},
    "pt": {"mil": 1000, "milhão": 10**6, "milhões": 10**6, "bilhão": 10**9, "bilhões": 10**9},
}

ORDINALS: dict[Language, dict[str, int]] = {
    "en": _listed(1, 1, "first second third fourth fifth sixth seventh eighth ninth tenth"),
    "es": _listed(
        1, 1,
        "primera/primer/primero segunda/segundo tercera/tercer/tercero cuarta/cuarto quinta/quinto "
        "sexta/sexto séptima/séptimo octava/octavo novena/noveno décima/décimo",
    ),
    "pt": _listed(
        1, 1,
        "primeira/primeiro segunda/segundo terceira/terceiro quarta/quarto quinta/quinto sexta/sexto "
        "sétima/sétimo oitava/oitavo nona/nono décima/décimo",
    ),
}  # fmt: skip

_AND: dict[Language, str] = {"en": "and", "es": "y", "pt": "e"}


def read_number(words: Sequence[str], at: int, language: Language) -> tuple[int, int]:
    """The number that begins at word `at`, and how many words it has: 0 words if none begins there.

    >>> read_number(["treinta", "y", "seis", "meses"], 0, "es")
    (36, 3)
    """
    small, scales = SMALL[language], SCALES[language]
    total = current = 0
    end, place = at, at
    last = 10**12
    while place < len(words):
        word = words[place]
        if word in small and _may_follow(current, small[word], last):
            current, last = current + small[word], small[word]
        elif word in scales and (end > at or word == "mil"):
            scale = scales[word]
            if scale == 100:
                current, last = max(1, current) * 100, 100
            else:
                total, current, last = total + max(1, current) * scale, 0, 10**12
        elif word == _AND[language] and end > at and _continues(words, place + 1, small, last):
            place += 1
            continue
        else:
            break
        place += 1
        end = place
    return total + current, end - at


def _may_follow(current: int, value: int, last: int) -> bool:
    """Twenty may be followed by one, a hundred by twenty; two is never followed by three."""
    if current == 0:
        return True
    return (last >= 100 and value < 100) or (20 <= last < 100 and 0 < value < 10)


def _continues(words: Sequence[str], place: int, small: dict[str, int], last: int) -> bool:
    if place >= len(words) or words[place] not in small:
        return False
    value = small[words[place]]
    return (last >= 100 and value < 100) or (20 <= last < 100 and 0 < value < 10) or last >= 10**12
