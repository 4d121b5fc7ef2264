"""Words that instruct, link, end a phrase or name people: English, Spanish, Portuguese, without accents."""

from __future__ import annotations


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


INSTRUCTIONS = _words(
    "need needs want wants would like please write draft make prepare create generate give help you me us",
    "we i some document documents hi hello thanks put together turn let lets have get tell explain",
    "describe ask send using necesito necesitamos necesita quiero queremos quiere hazme haz hagan hacer",
    "hagamos escribe escribir escriba redacta redactar redacte prepara preparar arma armar armame elabora",
    "elaborar elabore genera generar crea crear dame ayudame ayuda ayudenos favor documento documentos",
    "algo hola gracias hay que poner pasa pon contar contarles explicar describir decir decirle mostrar",
    "enviar mandar preciso precisamos precisa quero quer faz faca fazer escreve escrever escreva redija",
    "monta montar monte gera gerar cria criar ajuda ajude ola oi obrigado obrigada explique descrever",
    "dizer gente seguinte",
)
"""What asks for the document and is not its subject."""

BREAKS = _words(
    "based basado basada baseado something that who which so because when where whether if with including",
    "include incl by before after from how what why will should que porque cuando donde si con incluyendo",
    "incluye segun antes despues desde como cuanto cual quien quando onde se com incluindo inclui segundo",
    "depois quanto qual quem",
)
"""Where the subject ends."""

OUTER = _words(
    "against contra a an the of to in into on at for from with by about and or as my our their his her",
    "its your el la los las un una unos unas de del al en y o con por para sobre mi mis su sus nuestro",
    "nuestra nuestros nuestras os um uma uns umas do da dos das ao aos no na nos nas e ou com pra pro meu",
    "minha seu sua seus suas nosso nossa nossos nossas",
)
"""What a subject neither begins nor ends with."""

NAME_LINKS = _words("of de del do da dos das la el los las the and y e &")
"""What may stand inside a name or a group of people."""

READERS_END = _words(
    "about before after based because using which where while until sobre antes despues porque usando",
    "donde cuando hasta depois quando desde segun conforme entre sin without included incluyendo",
    "incluindo basado basada baseado urgente urgent manana amanha tomorrow",
)
"""What does not go on naming people."""

NO_NAMES = _words(
    "english spanish portuguese ingles espanol portugues espanhol monday tuesday wednesday thursday",
    "friday saturday sunday lunes martes miercoles jueves viernes january february march april may june",
    "july august september october november december enero febrero marzo abril mayo junio julio agosto",
    "septiembre octubre noviembre diciembre janeiro fevereiro maio junho julho setembro outubro novembro",
    "dezembro instagram linkedin tiktok youtube facebook whatsapp internet i",
)
"""Words with a capital letter that are nobody."""

PEOPLE = _words(
    "board director directors trustees committee committees client clients customer customers buyer",
    "buyers investor investors angels partner partners shareholder shareholders owner owners employee",
    "employees staff team teams colleagues manager managers management leadership executives ceo cfo",
    "lender lenders bank banks auditor auditors developer developers engineer engineers agent agents user",
    "users supplier suppliers dealer dealers distributor distributors agency public reader readers",
    "subscriber subscribers member members donor donors volunteer volunteers parent parents student",
    "students patient patients doctor doctors nurse nurses teacher teachers children kids hotel hotels",
    "chain company companies school schools university hospital council ministry mayor government",
    "authority press media journalist journalists visitor visitors guest guests beginners newcomers",
    "everyone everybody people sponsor sponsors insurer insurers lawyer lawyers technician technicians",
    "operator operators salespeople reps candidate candidates applicant applicants tenant tenants",
    "landlord citizens farmers junta directiva directivos directores directora directoras comite consejo",
    "cliente clientes clienta clientas comprador compradora compradores inversionista inversionistas",
    "inversores angeles socio socia socios socias accionista accionistas dueno duena duenos empleado",
    "empleada empleados empleadas personal equipo equipos compania companias companeros gerente gerentes",
    "gerencia jefe jefes jefa banco bancos auditora auditores desarrollador desarrolladora",
    "desarrolladores ingeniero ingeniera ingenieros asesor asesora asesores usuario usuaria usuarios",
    "usuarias proveedor proveedora proveedores distribuidor distribuidora distribuidores agencia publico",
    "lector lectores suscriptor suscriptores donantes voluntarios voluntarias padres papas madres",
    "estudiantes pacientes medico medica medicos enfermero enfermera enfermeros enfermeras profesor",
    "profesora profesores docentes ninos cadena empresa empresas colegio colegios escuela escuelas",
    "universidad alcaldia alcalde municipio ministerio gobierno prensa medios periodistas visitantes",
    "huespedes principiantes todos patrocinador patrocinadores aseguradora abogado abogada abogados",
    "abogadas tecnico tecnicos operario operarios operarias vendedor vendedora vendedores candidato",
    "candidata candidatos inquilino inquilina inquilinos arrendador ciudadanos agricultores asamblea",
    "presidente presidenta conselho conselheiros diretor diretora diretores diretoria investidor",
    "investidora investidores anjos acionistas dono dona donos donas funcionario funcionaria funcionarios",
    "funcionarias colaborador colaboradores equipe equipes pessoal gestor gestora gestores desenvolvedor",
    "desenvolvedores engenheiro engenheira engenheiros atendentes fornecedor fornecedora fornecedores",
    "revendedor revendedores lojistas leitor leitores assinantes associado associados associadas doador",
    "doadores pais aluno aluna alunos alunas enfermeiro enfermeira enfermeiros enfermeiras professor",
    "professora professores criancas rede prefeitura prefeito governo imprensa midia jornalistas hospedes",
    "iniciantes seguradora advogado advogada advogados advogadas cidadaos sindico condominos estagiario",
    "estagiaria estagiarios banca",
)
"""Who reads documents."""
