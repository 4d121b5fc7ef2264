"""What a sentence shows of itself: whether it can stand alone, asks, orders, or is no sentence at all."""

from __future__ import annotations

import re

_LAST = re.compile(r"[.!…][\"'”’»)\]*_]*$")
_QUESTION = re.compile(r"\?[\"'”’»)\]*_]*$|^\W*¿")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_FEWEST_WORDS, _MOST_WORDS = 4, 90
_FEWEST_ITEM_WORDS = 2

_LEANS = re.compile(
    r"""^[\W_]*(?:
            this|these|that|those|it|its|they|their|them|he|she|his|her|such|both|neither|
      either(?!\ party)|the\ (?:latter|former|same|above|following|other|second|others)|however|
      therefore|thus|hence|moreover|furthermore|besides|also|then|otherwise|instead|consequently|
      nevertheless|nonetheless|meanwhile|similarly|likewise|accordingly|additionally|afterwards|but|
      and|or|so|yet|because|for\ (?:this|that|example|instance|these)|
      in\ (?:addition|contrast|this|that|particular|other\ words|turn)|as\ a\ result|
      on\ the\ (?:other|contrary)|after\ (?:this|that)|at\ (?:this|that)\ (?:point|time)|with\ this|
      without\ (?:this|it|them|that)|even\ so|if\ (?:so|not|it|they)|when\ (?:it|they)|
      once\ (?:it|they)|only\ then|nor|there(?:after|by|of)|finally|second(?:ly)?,|third(?:ly)?,|
      yes|no,|est[aeo]s?|es[aeo]s?|aquel(?:l[ao]s?)?|dich[ao]s?|tal(?:es)?|ambos|ambas|ellos|ellas|
      ella|él|ello|
      l[ao]s?\ (?:cual(?:es)?|misma?o?s?|anterior(?:es)?|siguientes?|segund[ao]|otr[ao]s?)|
      el\ (?:cual|mismo|anterior|segundo|otro)|sin\ embargo|
      por\ (?:lo\ tanto|eso|ello|esta|este|otra|consiguiente|ejemplo|tanto|su\ parte)|no\ obstante|
      además|también|así(?:\ ?mismo)?|asimismo|entonces|luego|después(?!\ del?\b)|pero|y|ni|pues|
      porque|aunque\ (?:est|es)|
      en\ (?:este|ese|esta|esa|tal|ambos|consecuencia|cambio|particular|otras)|
      de\ (?:esta|ese|este|esa|lo\ contrario|igual|otro)|
      a\ (?:su\ vez|pesar\ de\ (?:ello|eso|esto))|con\ (?:ello|eso|esto|este|esta)|
      para\ (?:ello|eso|esto)|si\ (?:no|es\ así),|sí,|su|sus|se\ (?:le|les|lo|la|los|las)|
      lo\ (?:anterior|mismo|cual)|cuando\ (?:eso|esto)|finalmente|mientras\ tanto|esses?|essas?|
      estas?|estes?|isso|isto|aquil[oa]|aquel[ea]s?|tais|referid[ao]s?|ditos?|ditas?|ele|ela|eles|
      elas|
      [oa]s?\ (?:qua(?:l|is)|mesm[ao]s?|últim[ao]|outr[ao]s?|anterior(?:es)?|seguintes?|segund[ao])|
      porém|entretanto|contudo|todavia|portanto|assim|além\ (?:disso|disto|dele|dela)|também|então|
      depois(?!\ d[eoa]s?\b)|mas|nem|pois|
      por\ (?:isso|isto|esse|este|essa|outro|conseguinte|exemplo|sua\ vez)|
      n(?:esse|este|essa|esta|ele|ela|isso|isto)s?|d(?:esse|este|essa|esta|ele|ela|isso|isto)s?|
      com\ (?:isso|isto|esse|essa)|para\ (?:isso|isto)|caso\ contrário|se\ (?:não|assim|ele|ela),?|
      em\ (?:particular|contrapartida|seguida|consequência)|seu|sua|seus|suas|sim,|não,|
      enquanto\ isso|por\ fim
    )(?![\w'’-])""",
    re.VERBOSE | re.IGNORECASE,
)
_NO_LEANING = re.compile(
    r"^\W*(?:this|the(?:se)?|est[ae]|esse?|essa)\s(?:[a-zà-ÿ]+\s)?(?:agreement|contract|document|policy|report|proposal|plan|procedure|"
    r"manual|guide|notice|memo|letter|annex|addendum|runbook|specification|invoice|year|quarter|month|"
    r"acuerdo|contrato|convenio|documento|política|informe|propuesta|plan|procedimiento|guía|aviso|minuta|memorando|"
    r"carta|anexo|especificación|factura|año|trimestre|mes|código|reporte|"
    r"acordo|relatório|proposta|plano|procedimento|guia|ata|memorando|especificação|fatura|ano|mês|regulamento|"
    r"contrato|aditivo)\b",
    re.IGNORECASE,
)
_STANDING = re.compile(
    r"^\W*(?:page|página|pág\.?|p\.)\s*\d+(?:\s*(?:of|de|/)\s*\d+)?\W*$|\.{4,}\s*\d*\s*$|"
    r"^\W*(?:©|\(c\)\s|copyright\b|all rights reserved|"
    r"todos los derechos reservados|todos os direitos reservados)|"
    r"^\W*(?:confidential|confidencial|internal use only|uso interno|draft|borrador|rascunho)\W*$|"
    r"\b(?:unsubscribe|darse de baja|cancelar la suscripción|cancelar a inscrição|descadastr|"
    r"view in (?:your )?browser|"
    r"ver en el navegador|ver no navegador|sent from my|enviado desde mi|enviado do meu)\b",
    re.IGNORECASE,
)
_IMPERATIVES = frozenset(
    word
    for line in (
        "add adjust apply approve archive ask assign attach back book bring calculate call cancel",
        "capture carry change charge check choose clean clear click close collect compare complete",
        "configure confirm connect contact copy correct create cut define delete deliver describe",
        "disconnect document download drill drop enable ensure enter escalate export fasten file fill",
        "find fit fix follow give go hand hold identify import inform inspect install keep label let log",
        "look make mark measure monitor mount move note notify obtain open order pack pass pay perform",
        "place plan plug post prepare press print provide publish pull push put raise read record",
        "register release remove repeat replace reply report request reset restart restore return review",
        "rotate run save scan schedule seal secure select send set share show sign split start state",
        "stop store submit switch take tell test tighten train transfer turn unpack unplug update upload",
        "use validate verify visit wait warn weigh write abra abre acepte actualice acuerde adjunte",
        "agregue ajuste anote apague apriete aplique apruebe asegure asigne autorice avise busque",
        "calcule cambie cargue cierre coloque compruebe comunique conecte confirme conserve consulte",
        "copie corrija corte cree cuente defina deje descargue desconecte deseche devuelva elija elimine",
        "empiece encaje encienda enchufe entregue envíe escale escanee escriba espere establezca evite",
        "explique fije firme guarde haga identifique imprima incluya informe ingrese inicie inserte",
        "inspeccione instale lave lea levante limpie llame llene lleve mantenga marque mida monte mueva",
        "muestre notifique obtenga ordene pague pegue perfore pida ponga presente presione programe",
        "proteja pruebe publique pulse recabe recoja registre reinicie reemplace repita reporte responda",
        "restablezca retire revise seleccione selle separe sirva solicite suba suspenda sustituya tome",
        "transfiera trate utilice valide verifique vuelva aceite acesse acione acompanhe adicione alinhe",
        "altere anexe aperte aprove arquive assine atualize aumente autorize avalie baixe carregue",
        "clique colete comece conclua confira conte crie deixe desligue devolva digite encaminhe encerre",
        "entre envie escaneie escolha escreva exclua execute exporte faça feche finalize fixe fotografe",
        "inclua insira inspecione lacre leia leve libere ligue limpe mantenha meça mostre mova obtenha",
        "peça pergunte preencha pressione reabra recolha remova restaure salve selecione siga substitua",
        "teste tire transfira troque utilize volte",
    )
    for word in line.split()
)
_BEFORE_VERB = re.compile(
    r"^\W*(?:(?:\d+|[a-z])[.)]\s*)?(?:(?:please|then|next|first|finally|por favor|luego|"
    r"después|primero|depois|primeiro|em seguida|no|não|do not|don't|never|always|nunca|siempre|sempre)\W+)*",
    re.IGNORECASE,
)


def is_sentence(text: str) -> bool:
    """Prose of a fair length that ends as a sentence does; no question, heading, label or page furniture."""
    if not _LAST.search(text) or "\t" in text or _QUESTION.search(text) or is_standing(text):
        return False
    words = _WORD.findall(text)
    return _FEWEST_WORDS <= len(words) <= _MOST_WORDS and sum(map(len, words)) > len(text) / 2


def is_item(text: str) -> bool:
    """What can be a point of a list: a sentence, or a phrase of some words that announces nothing."""
    words = len(_WORD.findall(text))
    if not _FEWEST_ITEM_WORDS <= words <= _MOST_WORDS or "\t" in text or is_standing(text):
        return False
    return not _QUESTION.search(text) and not text.rstrip().endswith((":", ","))


def is_question(text: str) -> bool:
    return bool(_QUESTION.search(text))


def leans_on_previous(text: str) -> bool:
    """Whether it says little without the sentence before it ("However", "Dicho plazo", "Isso")."""
    if text[:1].islower():
        return True
    return bool(_LEANS.match(text)) and not _NO_LEANING.match(text)


def is_standing(text: str) -> bool:
    """What stands on every page or in every mail: page numbers, footers, lines of a table of contents."""
    return bool(_STANDING.search(text))


def is_imperative(text: str) -> bool:
    opening = _BEFORE_VERB.match(text)
    word = _WORD.match(text, opening.end() if opening else 0)
    return word is not None and word[0].lower() in _IMPERATIVES
