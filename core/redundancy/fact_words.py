"""Words by which facts are recognised in English, Spanish and Portuguese."""

from __future__ import annotations


def _numbered(*groups: str) -> dict[str, int]:
    """Each word with the number of its group, from 1."""
    return {word: number for number, words in enumerate(groups, 1) for word in words.split()}


def _named(*groups: str) -> dict[str, str]:
    """Each word with the first word of its group."""
    return {word: words.split()[0] for words in groups for word in words.split()}


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


MONTHS = _numbered(
    "january jan enero ene janeiro",
    "february feb febrero fevereiro fev",
    "march mar marzo março",
    "april apr abril abr",
    "may mayo maio mai",
    "june jun junio junho",
    "july jul julio julho",
    "august aug agosto ago",
    "september sep sept septiembre setiembre setembro set",
    "october oct octubre outubro out",
    "november nov noviembre novembro",
    "december dec diciembre dic dezembro dez",
)

WEEKDAYS = _numbered(
    "monday lunes segunda-feira",
    "tuesday martes terça-feira",
    "wednesday miércoles quarta-feira",
    "thursday jueves quinta-feira",
    "friday viernes sexta-feira",
    "saturday sábado",
    "sunday domingo",
)

CURRENCIES = _named(
    "EUR eur € euro euros",
    "GBP gbp £",
    "USD usd us$",
    "BRL brl r$ reais real",
    "PEN pen s/ sol soles",
    "$", "¥",
    "dollar dollars dlr dlrs dólar dólares",
    "peso pesos",
    "JPY jpy", "CHF chf", "MXN mxn", "ARS ars", "COP cop", "CLP clp", "UYU uyu", "BOB bob", "CAD cad",
    "AUD aud", "CNY cny",
)  # fmt: skip
"""A bare $ may be a dollar or a peso, so it is no other currency's sign."""

UNITS = _named(
    "% percent pct",
    "thousand thousands mil",
    "million mln mn millions millón millones milhão milhões",
    "billion billions bln bn", "billón billones", "bilhão bilhões",
    "trillion trillions", "trillón trillones", "trilhão trilhões",
    "second seconds segundo segundos",
    "minute minutes minuto minutos",
    "hour hours hora horas",
    "day days día días dia dias",
    "week weeks semana semanas",
    "month months mes meses mês",
    "quarter quarters trimestre trimestres",
    "year years año años ano anos",
    "km", "m", "cm", "mm", "kg", "g", "mg", "l", "ml", "gb", "mb", "kb", "tb", "kw", "kwh", "mw",
    "hz", "°c", "°f",
    "tonne tonnes tonelada toneladas",
    "ton tons",
    "barrel barrels barril barriles barris",
    "bpd",
    "cent cents ct cts centavo centavos",
    "share shares shs",
    "am a.m", "pm p.m",
)  # fmt: skip
"""An English billion is not a Spanish billón: they are never taken for the same."""

NEGATIONS = _words(
    "not no never without cannot neither nor none unless except",
    "nunca jamás sin ni ningún ninguna ninguno nadie salvo excepto",
    "não jamais sem nem nenhum nenhuma ninguém exceto",
)

EMPTY_WORDS = _words(
    "a an the that which it its of and also is are was were be been has have had do does did",
    "el la los las un una unos unas lo que de del y e se su sus es son era fue ser ha han había",
    "o os as um uma uns umas que do da dos das é são foi há tem",
)
"""Words that say nothing by themselves. Prepositions, modal verbs and quantifiers are not among them."""

PARTICLES = _words("de da do das dos del di la las los of the von van der y e")

SENTENCE_OPENERS = _words(
    "a an the this that these those it its he she they we you i our your his her their there here in on",
    "at by for from to of with as if when while where after before since until because although and but",
    "or so yet also however moreover therefore then thus please all any each every some most many not no",
    "what who how why which yesterday today tomorrow now",
    "el la los las lo un una unos unas este esta estos estas ese esa eso esto en con por para de del al",
    "si cuando donde como que quien y o pero también además sin según su sus nuestro nuestra se no ya hoy",
    "ayer mañana cada todo toda todos todas tras desde hasta entre sobre",
    "os as um uma uns umas esse essa isso isto na nos nas da das do dos ao à com quando onde e ou mas",
    "também além sem segundo seu sua nosso nossa não já hoje ontem amanhã após até",
)
