"""Units of measure with what they measure, so that two weeks equal fourteen days and 10 % equals 0.1."""

from __future__ import annotations

from typing import NamedTuple


class Unit(NamedTuple):
    """`dimension` is what it measures, `factor` how many of the dimension's base unit it is.

    `is_working`: counts only working time. A temperature has its zero elsewhere: see `base_value`.
    """

    name: str
    dimension: str
    factor: float
    is_working: bool = False


_DAY = 86_400.0

_TABLE = """
second|time|1|second seconds segundo segundos
minute|time|60|minute minutes min minuto minutos
hour|time|3600|hour hours hr hrs h hora horas
day|time|86400|day days día días dia dias
week|time|604800|week weeks semana semanas
fortnight|time|1209600|fortnight fortnights quincena quincenas quinzena quinzenas
month|time|2629800|month months mes meses mês
quarter|time|7889400|quarters trimestre trimestres
semester|time|15778800|semestre semestres semester semesters
year|time|31557600|year years año años ano anos
%|share|0.01|% percent pct
‰|share|0.001|‰
USD|money USD|1|usd us$ $ dollar dollars dlr dlrs dólar dólares
EUR|money EUR|1|eur € euro euros
GBP|money GBP|1|gbp £ sterling
BRL|money BRL|1|brl r$ reais reales
MXN|money MXN|1|mxn peso pesos
PEN|money PEN|1|pen sol soles
JPY|money JPY|1|jpy yen ¥
cent|money cent|1|cent cents ct cts centavo centavos
°C|temperature|1|°c ºc celsius
°F|temperature|1|°f ºf fahrenheit
mm|length|0.001|mm millimetre millimetres millimeter millimeters milímetro milímetros
cm|length|0.01|cm centimetre centimetres centimeter centimeters centímetro centímetros
m|length|1|m metre metres meter meters metro metros
km|length|1000|km kilometre kilometres kilometer kilometers kilómetro kilómetros quilômetro quilômetros
mile|length|1609.344|mile miles milla millas milha milhas
foot|length|0.3048|foot feet ft pie pies
inch|length|0.0254|inch inches pulgada pulgadas polegada polegadas
mg|mass|0.000001|mg
g|mass|0.001|g gram grams gramo gramos grama gramas
kg|mass|1|kg kgs kilo kilos kilogram kilograms kilogramo kilogramos quilo quilos quilograma quilogramas
t|mass|1000|t tonne tonnes ton tons tonelada toneladas
lb|mass|0.45359237|lb lbs pound pounds libra libras
ml|volume|0.001|ml millilitre millilitres milliliter milliliters mililitro mililitros
l|volume|1|l litre litres liter liters litro litros
barrel|volume|158.987|barrel barrels bbl barril barriles barris
kB|data|1000|kb kilobyte kilobytes
MB|data|1000000|mb megabyte megabytes
GB|data|1000000000|gb gigabyte gigabytes
TB|data|1000000000000|tb terabyte terabytes
W|power|1|w watt watts vatio vatios
kW|power|1000|kw kilowatt kilowatts kilovatio kilovatios
kWh|energy|1|kwh
Hz|frequency|1|hz
bar|pressure|1|bar
V|voltage|1|v volt volts voltio voltios
"""

UNITS: dict[str, Unit] = {
    word: Unit(name, dimension, float(factor))
    for name, dimension, factor, words in (line.split("|") for line in _TABLE.strip().splitlines())
    for word in words.split()
}

WORKING = {"working", "business", "hábil", "hábiles", "laborable", "laborables", "laboral", "útil", "úteis"}
CALENDAR = {"calendar", "natural", "naturales", "corrido", "corridos", "consecutive", "consecutivos"}

_LOOSE = 0.03  # a month counts as 30 or 31 days, a year as 365


def base_value(value: float, unit: Unit) -> float:
    """In the base unit of the dimension: seconds, metres, kilograms, degrees Celsius."""
    if unit.name == "°F":
        return (value - 32) / 1.8
    return value * unit.factor


def are_equal(value: float, unit: Unit, other_value: float, other: Unit) -> bool:
    """Whether two measures say the same. Working days are not days, but five of them make a week."""
    if unit.is_working != other.is_working:
        working, calendar = (unit, other) if unit.is_working else (other, unit)
        if working.name != "day" or calendar.name != "week":
            return False
        days = (value if unit.is_working else other_value) * 7 / 5
        weeks = other_value if unit.is_working else value
        return days == weeks * 7
    if unit.name == other.name:
        return value == other_value
    one, two = base_value(value, unit), base_value(other_value, other)
    is_loose = unit.dimension == "time" and max(unit.factor, other.factor) > 7 * _DAY
    tolerance = _LOOSE if is_loose else 0.005
    return abs(one - two) <= tolerance * max(abs(one), abs(two), 1e-9)
