"""Review shared passages, leave some out with a reason, and check a text against the library."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

from core.errors import Invalid
from core.gateway.roles import Permission, Principal
from core.redundancy import Span, Subject
from core.redundancy.passages import TextCheck, check_text
from core.storage.documents import DocumentSummary
from core.storage.exclusions import Exclusion
from core.use_cases.analysis_steps import subject_of
from core.use_cases.passage_findings import (
    PASSAGES,
    KeptBoilerplate,
    KeptLink,
    PassageFindings,
    decode,
    excerpt,
)
from core.use_cases.request import Request
from core.use_cases.review_redundancy import Found, ReviewRedundancy, find_clusters
from core.workbench import Workbench

REASONS_TO_EXCLUDE = ("quote", "template", "boilerplate", "other")
SHOWN = ("counting", "excluded", "all")
LONGEST_TEXT = 1_000_000
LONGEST_NOTE = 2000

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPassages(Request["PassagesView"]):
    """Pairs of documents that share passages, `limit` from the `offset`th, those with the most words first.

    `shown` keeps links with a passage that counts, those without, or all. Links of documents that are similar
    as a whole at `threshold` are left out unless `with_similar`: they stand in the groups.
    """

    search: str = ""
    languages: tuple[str, ...] = ()
    shown: str = "counting"
    with_similar: bool = False
    threshold: float = 0.7
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class PassageLinkView:
    """`link` holds the passages in the order of `a`; an exclusion by a person stands as "person"."""

    a: DocumentSummary
    b: DocumentSummary
    link: KeptLink

    @property
    def num_words(self) -> int:
        return sum(passage.num_words for passage in self.link.passages if passage.exclusion is None)


@dataclass(frozen=True, slots=True)
class BoilerplateView:
    documents: tuple[DocumentSummary, ...]
    found: KeptBoilerplate


@dataclass(frozen=True, slots=True)
class PassagesView:
    """`is_known` is False while no analysis has looked for passages."""

    is_known: bool
    links: tuple[PassageLinkView, ...]
    num_links: int
    num_words: int
    languages: dict[str, int]
    boilerplate: tuple[BoilerplateView, ...]
    exclusions: tuple[Exclusion, ...]


def review_passages(request: ReviewPassages, principal: Principal, workbench: Workbench) -> PassagesView:
    principal.require(Permission.READ)
    if request.shown not in SHOWN:
        raise Invalid(f"There is no filter {request.shown!r}.", remedy=f"Use one of: {', '.join(SHOWN)}.")
    found = find_clusters(ReviewRedundancy(threshold=request.threshold), principal, workbench)
    findings = None if found is None else _findings(workbench, principal, found.analysis.id)
    if found is None or findings is None:
        return PassagesView(False, (), 0, 0, {}, (), ())
    with workbench.storage.transaction(readonly=True) as work:
        exclusions = work.exclusions.current(principal.workspace)
        _, num_removed = work.documents.revision(principal.workspace)
    excluded = frozenset(exclusion.digest for exclusion in exclusions)
    threshold = None if request.with_similar else request.threshold
    key = (found.analysis.id, PASSAGES, num_removed, excluded, threshold)
    links, boilerplate = workbench.kept_findings.get(
        key, lambda: _seen(findings, excluded, found if threshold else None, principal, workbench)
    )
    fitting = sorted(
        (link for link in links if _fits(link, request)),
        key=lambda link: (-link.num_words, link.a.title, link.b.title),
    )
    return PassagesView(
        True,
        tuple(fitting[request.offset : request.offset + request.limit]),
        len(fitting),
        sum(link.num_words for link in fitting),
        _languages(links),
        boilerplate,
        tuple(exclusions),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludePassage(Request[Exclusion]):
    """Leave these words out of the passages from now on, wherever they stand.

    `digest` names them as the findings do, `excerpt` shows them.
    """

    digest: str
    excerpt: str
    reason: str
    note: str = ""


def exclude_passage(request: ExcludePassage, principal: Principal, workbench: Workbench) -> Exclusion:
    principal.require(Permission.DECIDE)
    if request.reason not in REASONS_TO_EXCLUDE:
        raise Invalid(
            f"No reason is called {request.reason!r}.", remedy=f"Use one of: {', '.join(REASONS_TO_EXCLUDE)}."
        )
    if not _DIGEST.fullmatch(request.digest):
        raise Invalid("There is no such passage.", remedy="Choose one of the list.")
    exclusion = Exclusion(
        id=uuid4().hex,
        digest=request.digest,
        excerpt=excerpt(request.excerpt, Span(0, len(request.excerpt))),
        reason=request.reason,
        note=request.note.strip()[:LONGEST_NOTE],
        author=principal.user,
        created_at=datetime.now(UTC),
    )
    with workbench.storage.transaction() as work:
        work.exclusions.add(principal.workspace, exclusion)
    return exclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class IncludePassage(Request[None]):
    """Take an exclusion back. Raises NotFound when it is not in force."""

    exclusion: str


def include_passage(request: IncludePassage, principal: Principal, workbench: Workbench) -> None:
    principal.require(Permission.DECIDE)
    with workbench.storage.transaction() as work:
        work.exclusions.revoke(principal.workspace, request.exclusion)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckText(Request["TextCheckView"]):
    """Has this been written before? A text, or a document of the library against all others."""

    text: str = ""
    document: str | None = None


@dataclass(frozen=True, slots=True)
class TextCheckView:
    """`quoted` are the words of each passage's source as they stand there, in the order of the passages."""

    text: str
    check: TextCheck
    quoted: tuple[str, ...]
    documents: dict[str, DocumentSummary]
    num_compared: int


def check_against_library(request: CheckText, principal: Principal, workbench: Workbench) -> TextCheckView:
    """Raises Invalid for a text that is empty or too long."""
    principal.require(Permission.READ)
    text = request.text
    if request.document is not None:
        with workbench.storage.transaction(readonly=True) as work:
            text = work.documents.get(principal.workspace, request.document).content.text
    if not text.strip():
        raise Invalid("There is no text to check.", remedy="Paste one, or choose a document.")
    if len(text) > LONGEST_TEXT:
        raise Invalid(
            f"The text has more than {LONGEST_TEXT:,} characters.", remedy="Check it in several parts."
        )
    return check_in_library(workbench, principal.workspace, text, request.document)


def check_in_library(
    workbench: Workbench, workspace: str, text: str, own_id: str | None = None
) -> TextCheckView:
    """Where the library has passages of the text; the document it was taken from does not count."""
    with workbench.storage.transaction(readonly=True) as work:
        ids = work.documents.present_ids(workspace)

    def subjects(new: Sequence[str]) -> list[Subject]:
        with workbench.storage.transaction(readonly=True) as work:
            return [subject_of(each) for each in work.documents.compared_texts(workspace, new)]

    texts: dict[str, str] = {}

    def text_of(document: str) -> str:
        if document not in texts:
            texts.update((subject.id, subject.text) for subject in subjects([document]))
        return texts.get(document, "")

    with workbench.passages.open(workspace, ids, subjects) as index:
        check = check_text(text, index, text_of, own_id=own_id)
    concerned = {source.id for source in check.sources}
    concerned |= {place.id for passage in check.passages for place in (passage.source, *passage.also_in)}
    with workbench.storage.transaction(readonly=True) as work:
        documents = work.documents.summaries(workspace, concerned)
    quoted = tuple(text_of(passage.source.id)[slice(*passage.source.span)] for passage in check.passages)
    return TextCheckView(text, check, quoted, documents, len(ids) - (own_id is not None))


def _findings(workbench: Workbench, principal: Principal, analysis: str) -> PassageFindings | None:
    def load() -> PassageFindings | None:
        with workbench.storage.transaction(readonly=True) as work:
            stored = work.findings.find(principal.workspace, analysis, PASSAGES)
        return None if stored is None else decode(stored.body)

    with workbench.storage.transaction(readonly=True) as work:
        is_there = PASSAGES in work.findings.counts(principal.workspace, analysis)
    if not is_there:
        return None
    findings: PassageFindings | None = workbench.kept_findings.get((analysis, PASSAGES), load)
    return findings


def _seen(
    findings: PassageFindings,
    excluded: frozenset[str],
    found: Found | None,
    principal: Principal,
    workbench: Workbench,
) -> tuple[list[PassageLinkView], tuple[BoilerplateView, ...]]:
    """What is there of the findings, without the pairs of the groups that were `found`."""
    named = {each for link in findings.links for each in (link.a_id, link.b_id)}
    named |= {each for kept in findings.boilerplate for each in kept.documents}
    with workbench.storage.transaction(readonly=True) as work:
        documents = work.documents.summaries(principal.workspace, named)
    similar = set() if found is None else _similar(found)
    links = [
        PassageLinkView(documents[link.a_id], documents[link.b_id], _without(link, excluded))
        for link in findings.links
        if link.a_id in documents and link.b_id in documents and (link.a_id, link.b_id) not in similar
    ]
    boilerplate = tuple(
        BoilerplateView(tuple(documents[each] for each in kept.documents if each in documents), kept)
        for kept in findings.boilerplate
        if kept.digest not in excluded
    )
    return links, boilerplate


def _similar(found: Found) -> set[tuple[str, str]]:
    """Every pair of documents of one group, both ways round."""
    return {
        (one.id, other.id)
        for each in found.clusters
        for one in each.documents
        for other in each.documents
        if one.id != other.id
    }


def _without(link: KeptLink, excluded: frozenset[str]) -> KeptLink:
    """The link with what people left out marked so, and the shares of what still counts."""
    if not any(passage.digest in excluded for passage in link.passages):
        return link
    before = sum(passage.num_words for passage in link.passages if passage.exclusion is None)
    passages = tuple(
        replace(passage, exclusion="person") if passage.digest in excluded else passage
        for passage in link.passages
    )
    left = sum(passage.num_words for passage in passages if passage.exclusion is None)
    share = left / before if before else 0.0
    return replace(
        link,
        passages=passages,
        share_a=link.share_a * share,
        share_b=link.share_b * share,
        exclusion=link.exclusion if left else link.exclusion or "person",
    )


def _fits(view: PassageLinkView, request: ReviewPassages) -> bool:
    if request.shown != "all" and (view.link.exclusion is None) != (request.shown == "counting"):
        return False
    if request.languages and not {view.a.language, view.b.language} & set(request.languages):
        return False
    words = " ".join((view.a.title, view.a.name, view.b.title, view.b.name)).casefold()
    return all(word in words for word in request.search.casefold().split())


def _languages(links: Iterable[PassageLinkView]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for link in links:
        for language in {link.a.language, link.b.language}:
            counts[language] = counts.get(language, 0) + 1
    return dict(sorted(counts.items()))
