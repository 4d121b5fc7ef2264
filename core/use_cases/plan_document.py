"""Plan a document from a brief: which agent takes it, which type it is and why, from what, and how long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from core.documents.plan import Company, Complexity, DocumentPlan, Engine, PlannedSection
from core.documents.planning import Proposal, plan_of, propose, search_words
from core.documents.template import DocumentTemplate
from core.documents.writing.outline import propose_outline
from core.errors import NotFound
from core.gateway.roles import Permission, Principal
from core.inference import local_engine
from core.inference.deterministic import Deterministic
from core.language.stop_words import Language
from core.storage.company_profiles import CompanyProfile
from core.storage.documents import DocumentSummary
from core.use_cases.document_types import known_types
from core.use_cases.request import Request
from core.workbench import Workbench

MOST_SUGGESTED = 8
OTHER_LANGUAGE = 0.4
LEAST_SHARE = 0.35
"""A document is suggested from this share of the best one's weight of words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDocument(Request["PlanView"]):
    """Each field that is given overrides what the brief says. `company` is the id of a profile, and
    `page_language` the one that a brief without any sign of a language is taken to be in.
    """

    brief: str
    sources: tuple[str, ...] = ()
    page_language: Language = "en"
    type: str = ""
    area: str = ""
    language: Language | None = None
    audience: str | None = None
    tone: str = ""
    complexity: Complexity | None = None
    company: str = ""
    engine: Engine = "extractive"


@dataclass(frozen=True, slots=True)
class SuggestedSource:
    """A document that has some of the words that the brief is about."""

    document: DocumentSummary
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    """The plan, why it is so, and what else could be chosen.

    `seconds` is the median of the last drafts by the same engine, per section, times the sections; None where
    there are none. `num_timed` are the drafts that it rests on. `model` is what would write, empty where no
    language model answers. `sources` are the chosen ones by id.
    """

    plan: DocumentPlan
    proposal: Proposal
    template: DocumentTemplate
    suggested: tuple[SuggestedSource, ...]
    sources: dict[str, DocumentSummary]
    companies: tuple[CompanyProfile, ...]
    seconds: float | None
    num_timed: int
    model: str


def plan_document(request: PlanDocument, principal: Principal, workbench: Workbench) -> PlanView:
    """Nothing is stored. Raises Invalid for an empty brief, NotFound for an unknown type or company."""
    principal.require(Permission.READ)
    workspace = principal.workspace
    types = known_types(workbench, workspace)
    with workbench.storage.transaction(readonly=True) as work:
        sources = work.documents.summaries(workspace, request.sources)
        companies = tuple(work.company_profiles.all(workspace))
    profile = _company(request.company, companies)
    proposal = propose(
        request.brief,
        types,
        page_language=request.page_language,
        source_languages=tuple(each.language for each in sources.values()),
        company_tone=profile.tone if profile else "",
        today=datetime.now(UTC).date(),
    )
    key = request.type or proposal.types[0].key
    if key not in types:
        raise NotFound(f"There is no type of document called {key!r}.", remedy="Choose one of the list.")
    template = types[key]
    plan = plan_of(
        proposal,
        template,
        sources=tuple(source for source in request.sources if source in sources),
        company=_spoken_for(profile),
        engine=request.engine,
        area=request.area,
        language=request.language,
        audience=request.audience,
        tone=request.tone,
        complexity=request.complexity,
    )
    seconds, num_timed = _estimate(workbench, workspace, plan)
    return PlanView(
        plan=plan,
        proposal=proposal,
        template=template,
        suggested=_suggest(workbench, workspace, search_words(proposal, template), plan.language),
        sources=sources,
        companies=companies,
        seconds=seconds,
        num_timed=num_timed,
        model=_model(workbench),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeOutline(Request[tuple[PlannedSection, ...]]):
    """Ask the language model for an outline: other titles and order, perhaps sections more. None is lost."""

    plan: DocumentPlan


def propose_sections(
    request: ProposeOutline, principal: Principal, workbench: Workbench
) -> tuple[PlannedSection, ...]:
    """The plan's own sections where the model does not answer within a minute."""
    principal.require(Permission.CONTRIBUTE)
    return propose_outline(
        request.plan, workbench.engine, tenant=principal.workspace, label="document:outline"
    )


def _company(profile: str, companies: Sequence[CompanyProfile]) -> CompanyProfile | None:
    if not profile:
        return None
    for each in companies:
        if each.id == profile:
            return each
    raise NotFound("This company is gone.", remedy="Choose another one.")


def _spoken_for(profile: CompanyProfile | None) -> Company:
    if profile is None:
        return Company()
    return Company(name=profile.name, industry=profile.industry, size=profile.size, tone=profile.tone)


def _suggest(
    workbench: Workbench, workspace: str, words: Sequence[str], language: Language
) -> tuple[SuggestedSource, ...]:
    """The documents with the rarest of the words; a word of the title counts three times, and a document in
    another language than the draft's less. Reads every text once, then is kept while nothing changes.
    """
    if not words:
        return ()
    with workbench.storage.transaction(readonly=True) as work:
        revisions = work.documents.revision(workspace), work.decisions.revision(workspace)
    found: tuple[SuggestedSource, ...] = workbench.kept_drafts.get(
        (workspace, revisions, tuple(words), language),
        lambda: _fitting(workbench, workspace, words, language),
    )
    return found


def _fitting(
    workbench: Workbench, workspace: str, words: Sequence[str], language: Language
) -> tuple[SuggestedSource, ...]:
    with workbench.storage.transaction(readonly=True) as work:
        found = work.documents.with_words(workspace, words)
        total = work.documents.totals(workspace).num_documents
        decisions = work.decisions.current(workspace)
        retired = {document for document, each in decisions.items() if each.act in ("drop", "merge")}
        documents = work.documents.summaries(workspace, found.keys() - retired)
    spread = [sum(bool(counts[place]) for counts in found.values()) for place in range(len(words))]
    rare = [math.log(1 + total / count) if count else 0.0 for count in spread]
    scores = {
        document: sum(weight * count for weight, count in zip(rare, found[document], strict=True))
        * (1.0 if summary.language == language else OTHER_LANGUAGE)
        for document, summary in documents.items()
    }
    best = sorted(scores, key=lambda document: (-scores[document], document))[:MOST_SUGGESTED]
    return tuple(
        SuggestedSource(
            documents[each],
            tuple(word for word, count in zip(words, found[each], strict=True) if count),
        )
        for each in best
        if scores[each] >= LEAST_SHARE * scores[best[0]]
    )


def _estimate(workbench: Workbench, workspace: str, plan: DocumentPlan) -> tuple[float | None, int]:
    with workbench.storage.transaction(readonly=True) as work:
        timed = work.drafts.timed(workspace, plan.engine)
    if not timed:
        return None, 0
    return median(seconds / sections for seconds, sections in timed) * len(plan.sections), len(timed)


def _model(workbench: Workbench) -> str:
    """The model that would write, if one is there and is more than the test engine."""
    local = local_engine(workbench.engine)
    if local is not None and local.tenant_id("") is None:
        return ""
    if workbench.monitoring.health().engine not in ("healthy", "warning"):
        return ""  # as it was seen last: a page waits for no server
    identity = workbench.engine.identity()
    return "" if identity.engine == Deterministic.name else identity.model
