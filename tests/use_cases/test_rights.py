"""Every use case asks the rule set before it touches anything."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, cast

import pytest

from core.errors import Forbidden
from core.gateway.roles import GRANTS, Permission, Principal, Role
from core.use_cases import USE_CASES
from core.use_cases.request import Request
from core.workbench import Workbench

NEEDS: dict[str, Permission] = {
    "IngestFiles": Permission.CONTRIBUTE,
    "BrowseLibrary": Permission.READ,
    "ReadDocument": Permission.READ,
    "RemoveDocuments": Permission.CONTRIBUTE,
    "DismissProblems": Permission.CONTRIBUTE,
    "FindRedundancy": Permission.CONTRIBUTE,
    "ReviewRedundancy": Permission.READ,
    "ReviewCluster": Permission.READ,
    "ReviewPassages": Permission.READ,
    "ExcludePassage": Permission.DECIDE,
    "IncludePassage": Permission.DECIDE,
    "CheckText": Permission.READ,
    "ReviewMeanings": Permission.READ,
    "ReviewConflicts": Permission.READ,
    "SettleConflict": Permission.DECIDE,
    "SummariseFindings": Permission.READ,
    "CompareDocuments": Permission.READ,
    "CompareTexts": Permission.READ,
    "ReviewQuality": Permission.READ,
    "ReadQuality": Permission.READ,
    "DownloadQuality": Permission.READ,
    "ReadTopics": Permission.READ,
    "Consolidate": Permission.READ,
    "DraftGroup": Permission.CONTRIBUTE,
    "PlanDocument": Permission.READ,
    "ProposeOutline": Permission.CONTRIBUTE,
    "WriteDocument": Permission.CONTRIBUTE,
    "WriteBatch": Permission.CONTRIBUTE,
    "RewriteSection": Permission.CONTRIBUTE,
    "ListDrafts": Permission.READ,
    "ReadDraft": Permission.READ,
    "ReadDraftFigures": Permission.READ,
    "SaveSection": Permission.CONTRIBUTE,
    "AnswerGap": Permission.CONTRIBUTE,
    "SettleDisagreement": Permission.CONTRIBUTE,
    "RestoreVersion": Permission.CONTRIBUTE,
    "CompareVersions": Permission.READ,
    "CommentDraft": Permission.CONTRIBUTE,
    "ResolveComment": Permission.CONTRIBUTE,
    "ApproveDraft": Permission.DECIDE,
    "ReopenDraft": Permission.DECIDE,
    "RemoveDraft": Permission.CONTRIBUTE,
    "ListTypes": Permission.READ,
    "SaveType": Permission.DECIDE,
    "RemoveType": Permission.DECIDE,
    "ListWordTemplates": Permission.READ,
    "AddWordTemplate": Permission.DECIDE,
    "RemoveWordTemplate": Permission.DECIDE,
    "FillWordTemplate": Permission.READ,
    "ListProfiles": Permission.READ,
    "SaveProfile": Permission.DECIDE,
    "RemoveProfile": Permission.DECIDE,
    "ListPolicyRules": Permission.READ,
    "SavePolicyRule": Permission.DECIDE,
    "RemovePolicyRule": Permission.DECIDE,
    "TryPolicyRule": Permission.DECIDE,
    "SwitchPolicyRule": Permission.DECIDE,
    "ReadPolicyFindings": Permission.READ,
    "Decide": Permission.DECIDE,
    "UndoDecision": Permission.DECIDE,
    "ReadHistory": Permission.READ,
    "DownloadReview": Permission.READ,
    "ReadLabels": Permission.READ,
    "LabelPair": Permission.DECIDE,
    "DownloadLabels": Permission.READ,
    "SummariseWorkspace": Permission.READ,
    "ListJobs": Permission.READ,
    "CancelJob": Permission.CONTRIBUTE,
    "RedriveJob": Permission.CONTRIBUTE,
    "ReadQueue": Permission.READ,
    "PauseQueue": Permission.OPERATE,
    "StopQueue": Permission.OPERATE,
    "ResumeQueue": Permission.OPERATE,
    "MoveJob": Permission.CONTRIBUTE,
    "ListSchedules": Permission.READ,
    "PreviewSchedule": Permission.READ,
    "SaveSchedule": Permission.CONTRIBUTE,
    "SwitchSchedule": Permission.CONTRIBUTE,
    "RemoveSchedule": Permission.CONTRIBUTE,
    "RunScheduleNow": Permission.CONTRIBUTE,
    "ReadTuning": Permission.READ,
    "ProposeTuning": Permission.READ,
    "ApplyTuning": Permission.OPERATE,
    "RollBackTuning": Permission.OPERATE,
    "StartTrial": Permission.OPERATE,
    "ReadTrial": Permission.READ,
    "EndTrial": Permission.OPERATE,
    "ReplayTrace": Permission.CONTRIBUTE,
    "ReadReplay": Permission.READ,
    "AddTrace": Permission.CONTRIBUTE,
    "ListTraces": Permission.READ,
    "RemoveTrace": Permission.CONTRIBUTE,
    "ReadTrace": Permission.READ,
    "ReadHealth": Permission.READ,
    "ReadSettings": Permission.OPERATE,
    "ListAlerts": Permission.READ,
    "AcknowledgeAlert": Permission.OPERATE,
    "ListSources": Permission.OPERATE,
    "AttachSource": Permission.OPERATE,
    "RemoveSource": Permission.OPERATE,
    "ObserveCache": Permission.READ,
    "GenerateTraffic": Permission.OPERATE,
    "AskModel": Permission.CONTRIBUTE,
    "ExportDocument": Permission.READ,
    "BundleExports": Permission.READ,
    "BrowseExports": Permission.READ,
    "ReadExport": Permission.READ,
    "ReadExportFigures": Permission.READ,
    "RepeatExport": Permission.READ,
    "RemoveExport": Permission.CONTRIBUTE,
    "LinkExport": Permission.READ,
    "FollowLink": Permission.READ,
    "TakeExport": Permission.READ,
    "TakeManifest": Permission.READ,
    "PreviewExport": Permission.READ,
    "VerifyFile": Permission.READ,
}


class Untouchable:
    """A workbench that nothing may be read from."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was touched before the rights were asked")


class NoRights:
    """A principal whom every permission is refused, and who remembers which was asked."""

    user, role, workspace = "nobody", Role.VIEWER, "default"

    def __init__(self) -> None:
        self.asked: list[Permission] = []

    def require(self, permission: Permission) -> None:
        self.asked.append(permission)
        raise Forbidden("no")


def a_request(kind: type[Request[Any]]) -> Request[Any]:
    """A request of the kind with something in every field that has no default."""
    values = {
        field.name: () if "tuple" in str(field.type) or "Iterable" in str(field.type) else "x"
        for field in fields(kind)  # type: ignore[arg-type]
        if field.default is MISSING and field.default_factory is MISSING
    }
    return kind(**values)


@pytest.mark.parametrize("kind", USE_CASES, ids=lambda kind: kind.__name__)
def test_a_use_case_asks_its_permission_first(kind: type[Request[Any]]) -> None:
    nobody = NoRights()
    with pytest.raises(Forbidden):
        USE_CASES[kind](a_request(kind), cast(Principal, nobody), cast(Workbench, Untouchable()))
    assert nobody.asked == [NEEDS[kind.__name__]]


def test_every_use_case_is_listed_here() -> None:
    assert {kind.__name__ for kind in USE_CASES} == set(NEEDS)


def test_roles_grant_what_they_say() -> None:
    assert GRANTS[Role.ADMIN] == frozenset(Permission)
    assert Permission.OPERATE not in GRANTS[Role.ANALYST]
    assert GRANTS[Role.VIEWER] == {Permission.READ}
