"""Phrases that advertising and fraud mail is made of, in English, Spanish and Portuguese."""

from __future__ import annotations

_LISTED = (
    "act now; buy now; order now; click here; click below; limited time offer; offer expires; once in "
    "a lifetime; 100% free; absolutely free; risk free; money back guarantee; no obligation; no credit "
    "check; extra income; earn money; make money fast; work from home; be your own boss; double your "
    "income; you have been selected; you are a winner; you have won; claim your prize; congratulations "
    "you; free gift; lowest price; special promotion; satisfaction guaranteed; this is not spam; wire "
    "transfer fee; verify your account; your account will be suspended; confirm your password; dear "
    "beneficiary; miracle cure; lose weight; online casino; cheap pills; get rich; guaranteed profit; "
    "bitcoin giveaway; haz clic aquí; haga clic aquí; compra ya; compre ahora; llame ya; oferta por "
    "tiempo limitado; oferta exclusiva; últimas horas; totalmente gratis; 100% gratis; sin compromiso; "
    "gana dinero; gane dinero; dinero fácil; dinero rápido; ingresos extra; trabaja desde casa; has "
    "sido seleccionado; ha sido seleccionado; has ganado; ha ganado un premio; reclama tu premio; "
    "reclame su premio; precio más bajo; satisfacción garantizada; verifique su cuenta; su cuenta será "
    "suspendida; confirme su contraseña; estimado beneficiario; baja de peso; casino en línea; hazte "
    "rico; ganancias garantizadas; aprovecha ya; no es spam; préstamo sin aval; clique aqui; compre "
    "já; compre agora; ligue já; oferta por tempo limitado; oferta imperdível; últimas unidades; "
    "totalmente grátis; 100% grátis; sem compromisso; ganhe dinheiro; dinheiro fácil; dinheiro rápido; "
    "renda extra; trabalhe em casa; você foi selecionado; você ganhou; resgate seu prêmio; menor "
    "preço; satisfação garantida; verifique sua conta; sua conta será suspensa; confirme sua senha; "
    "caro beneficiário; emagreça rápido; cassino online; fique rico; lucro garantido; aproveite já; "
    "não é spam; empréstimo sem consulta"
)
SPAM_PHRASES: tuple[str, ...] = tuple(phrase.strip() for phrase in _LISTED.split(";"))
