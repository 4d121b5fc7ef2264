"""Words by which facts are recognised in English, Spanish and Portuguese."""

from __future__ import annotations

MONTHS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
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
        ),
        1,
    )
    for word in words.split()
}

WEEKDAYS: dict[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "monday lunes segunda-feira",
            "tuesday martes terça-feira",
            "wednesday miércoles quarta-feira",
            "thursday jueves quinta-feira",
            "friday viernes sexta-feira",
            "saturday sábado",
            "sunday domingo",
        ),
        1,
    )
    for word in words.split()
}

CURRENCIES: dict[str, str] = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "¥": "¥", "$": "$", "us$": "USD", "r$": "BRL",
    "reais": "BRL", "real": "BRL", "dlr": "dollar", "dlrs": "dollar", "dollar": "dollar", "dollars": "dollar",
    "dólar": "dollar", "dólares": "dollar", "peso": "peso", "pesos": "peso", "sol": "PEN", "soles": "PEN",
    **{code.lower(): code for code in ["USD", "EUR", "GBP", "JPY", "CHF", "BRL", "MXN", "ARS", "COP", "CLP", "PEN", "UYU", "BOB", "CAD", "AUD", "CNY"]},
}  # fmt: skip

UNITS: dict[str, str] = {
    word: words.split()[0]
    for words in (
        "% percent pct",
        "million mln mn millions millón millones milhão milhões",
        "thousand thousands mil",
        "billion", "billions bln bn", "billón billones", "bilhão bilhões", "trillion", "trillón trillones",
        "second seconds segundo segundos", "minute minutes minuto minutos", "hour hours hora horas",
        "day days día días dia dias", "week weeks semana semanas", "month months mes meses mês",
        "quarter quarters trimestre trimestres", "year years año años ano anos",
        "km", "m", "cm", "mm", "kg", "g", "mg", "l", "ml", "gb", "mb", "kb", "tb", "kw", "kwh", "mw", "hz",
        "tonne tonnes tonelada toneladas", "ton tons", "barrel barrels barril barriles barris", "bpd",
        "ct cts cents cent centavo centavos", "share shs shares", "am a.m", "pm p.m", "°c", "°f",
    )
    for word in words.split()
}  # fmt: skip

NEGATIONS = frozenset(
    ["not", "no", "never", "without", "cannot", "neither", "nor", "none", "unless", "except", "n't", "nunca", "jamás", "sin", "ni", "ningún", "ninguna", "ninguno", "nadie", "salvo", "excepto", "não", "jamais", "sem", "nem", "nenhum", "nenhuma", "ninguém", "exceto"]
)

PARTICLES = frozenset(["de", "da", "do", "das", "dos", "del", "di", "la", "las", "los", "of", "the", "von", "van", "der", "y", "e", "&", "and"])

SENTENCE_OPENERS = frozenset(
    ["i", "a", "an", "the", "this", "that", "these", "those", "it", "its", "he", "she", "they", "we", "you", "our", "your", "his", "her", "their", "there", "here", "in", "on", "at", "by", "for", "from", "to", "of", "with", "as", "if", "when", "while", "where", "after", "before", "since", "until", "because", "although", "and", "but", "or", "so", "yet", "also", "however", "moreover", "therefore", "then", "thus", "please", "all", "any", "each", "every", "some", "most", "many", "no", "not", "what", "who", "how", "why", "which", "yesterday", "today", "tomorrow", "now", "el", "la", "los", "las", "lo", "un", "una", "unos", "unas", "este", "esta", "estos", "estas", "ese", "esa", "eso", "esto", "en", "con", "por", "para", "de", "del", "al", "a", "si", "cuando", "donde", "como", "que", "quien", "y", "o", "pero", "también", "además", "sin", "según", "su", "sus", "nuestro", "nuestra", "se", "no", "ya", "hoy", "ayer", "mañana", "cada", "todo", "toda", "todos", "todas", "tras", "desde", "hasta", "entre", "sobre", "o", "os", "as", "um", "uma", "uns", "umas", "esse", "essa", "isso", "isto", "no", "na", "nos", "nas", "do", "da", "dos", "das", "ao", "à", "com", "para", "por", "se", "quando", "onde", "como", "e", "ou", "mas", "também", "além", "sem", "segundo", "seu", "sua", "nosso", "nossa", "não", "já", "hoje", "ontem", "amanhã", "cada", "todo", "toda", "todos", "todas", "após", "desde", "até", "entre", "sobre"]
)
