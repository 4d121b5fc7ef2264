"""The verbs of the product, one file each: the request, the function, the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.jobs.job import JobKind
from core.use_cases.approve_draft import (
    ApproveDraft,
    CommentDraft,
    RemoveDraft,
    ReopenDraft,
    ResolveComment,
    approve_draft,
    comment_draft,
    remove_draft,
    reopen_draft,
    resolve_comment,
)
from core.use_cases.ask_model import AskModel, ask_model
from core.use_cases.attach_sources import (
    AttachSource,
    ListSources,
    RemoveSource,
    attach_source,
    list_sources,
    remove_source,
)
from core.use_cases.browse_library import (
    BrowseLibrary,
    DismissProblems,
    ReadDocument,
    RemoveDocuments,
    browse_library,
    dismiss_problems,
    read_document,
    remove_documents,
)
from core.use_cases.bundle_exports import BUNDLE_KIND, BundleExports, bundle_exports
from core.use_cases.change_tuning import ApplyTuning, RollBackTuning, apply_tuning, roll_back_tuning
from core.use_cases.company_profiles import (
    ListProfiles,
    RemoveProfile,
    SaveProfile,
    list_profiles,
    remove_profile,
    save_profile,
)
from core.use_cases.compare_documents import CompareDocuments, compare_documents
from core.use_cases.compare_texts import CompareTexts, compare_texts
from core.use_cases.consolidate import Consolidate, DraftGroup, consolidate, draft_group
from core.use_cases.decide import Decide, ReadHistory, UndoDecision, decide, read_history, undo_decision
from core.use_cases.document_types import (
    ListTypes,
    RemoveType,
    SaveType,
    list_types,
    remove_type,
    save_type,
)
from core.use_cases.download_review import DownloadReview, download_review
from core.use_cases.edit_draft import (
    AnswerGap,
    CompareVersions,
    RestoreVersion,
    SaveSection,
    SettleDisagreement,
    answer_gap,
    compare_versions,
    restore_version,
    save_section,
    settle_disagreement,
)
from core.use_cases.export_document import EXPORT_KIND, ExportDocument, export_document
from core.use_cases.find_redundancy import ANALYSE_KIND, FindRedundancy, find_redundancy
from core.use_cases.generate_traffic import TRAFFIC_KIND, GenerateTraffic, generate_traffic
from core.use_cases.ingest_files import INGEST_KIND, IngestFiles, ingest_files
from core.use_cases.judge_pairs import (
    DownloadLabels,
    LabelPair,
    ReadLabels,
    download_labels,
    label_pair,
    read_labels,
)
from core.use_cases.keep_traces import (
    AddTrace,
    ListTraces,
    ReadTrace,
    RemoveTrace,
    add_trace,
    list_traces,
    read_trace_file,
    remove_trace,
)
from core.use_cases.manage_policies import (
    ListPolicyRules,
    RemovePolicyRule,
    SavePolicyRule,
    SwitchPolicyRule,
    TryPolicyRule,
    list_policy_rules,
    remove_policy_rule,
    save_policy_rule,
    switch_policy_rule,
    try_policy_rule,
)
from core.use_cases.observe_cache import ObserveCache, observe_cache
from core.use_cases.plan_document import PlanDocument, ProposeOutline, plan_document, propose_sections
from core.use_cases.propose_tuning import ProposeTuning, propose_tuning
from core.use_cases.read_drafts import (
    ListDrafts,
    ReadDraft,
    ReadDraftFigures,
    list_drafts,
    read_draft,
    read_draft_figures,
)
from core.use_cases.read_exports import (
    BrowseExports,
    ReadExport,
    ReadExportFigures,
    RemoveExport,
    RepeatExport,
    browse_exports,
    read_export,
    read_export_figures,
    remove_export,
    repeat_export,
)
from core.use_cases.read_health import ReadHealth, read_health
from core.use_cases.read_policy_findings import ReadPolicyFindings, read_policy_findings
from core.use_cases.read_settings import ReadSettings, read_settings
from core.use_cases.read_tuning import ReadTuning, read_tuning
from core.use_cases.replay_trace import REPLAY_KIND, ReadReplay, ReplayTrace, read_replay, replay_trace
from core.use_cases.review_conflicts import (
    ReviewConflicts,
    SettleConflict,
    review_conflicts,
    settle_conflict,
)
from core.use_cases.review_meanings import ReviewMeanings, review_meanings
from core.use_cases.review_passages import (
    CheckText,
    ExcludePassage,
    IncludePassage,
    ReviewPassages,
    check_against_library,
    exclude_passage,
    include_passage,
    review_passages,
)
from core.use_cases.review_quality import (
    DownloadQuality,
    ReadQuality,
    ReadTopics,
    ReviewQuality,
    download_quality,
    read_quality,
    read_topics,
    review_quality,
)
from core.use_cases.review_redundancy import (
    ReviewCluster,
    ReviewRedundancy,
    review_cluster,
    review_redundancy,
)
from core.use_cases.rewrite_section import REWRITE_KIND, RewriteSection, rewrite_section
from core.use_cases.run_queue import (
    MoveJob,
    PauseQueue,
    ReadQueue,
    ResumeQueue,
    StopQueue,
    move_job,
    pause_queue,
    read_queue,
    resume_queue,
    stop_queue,
)
from core.use_cases.run_schedules import (
    ListSchedules,
    PreviewSchedule,
    RemoveSchedule,
    RunScheduleNow,
    SaveSchedule,
    SwitchSchedule,
    list_schedules,
    preview_schedule,
    remove_schedule,
    run_schedule_now,
    save_schedule,
    switch_schedule,
)
from core.use_cases.run_trial import EndTrial, ReadTrial, StartTrial, end_trial, read_trial, start_trial
from core.use_cases.summarise_findings import SummariseFindings, summarise_findings
from core.use_cases.summarise_workspace import SummariseWorkspace, summarise_workspace
from core.use_cases.take_export import (
    FollowLink,
    LinkExport,
    PreviewExport,
    TakeExport,
    TakeManifest,
    follow_link,
    link_export,
    preview_export,
    take_export,
    take_manifest,
)
from core.use_cases.verify_file import VerifyFile, verify_file
from core.use_cases.watch_alerts import AcknowledgeAlert, ListAlerts, acknowledge_alert, list_alerts
from core.use_cases.watch_jobs import CancelJob, ListJobs, RedriveJob, cancel_job, list_jobs, redrive_job
from core.use_cases.word_templates import (
    AddWordTemplate,
    FillWordTemplate,
    ListWordTemplates,
    RemoveWordTemplate,
    add_word_template,
    fill_word_template,
    list_word_templates,
    remove_word_template,
)
from core.use_cases.write_batch import BATCH_KIND, WriteBatch, write_batch
from core.use_cases.write_document import WRITE_KIND, WriteDocument, write_document

USE_CASES: dict[type, Callable[..., Any]] = {
    IngestFiles: ingest_files,
    BrowseLibrary: browse_library,
    ReadDocument: read_document,
    RemoveDocuments: remove_documents,
    DismissProblems: dismiss_problems,
    FindRedundancy: find_redundancy,
    ReviewRedundancy: review_redundancy,
    ReviewCluster: review_cluster,
    ReviewPassages: review_passages,
    ExcludePassage: exclude_passage,
    IncludePassage: include_passage,
    CheckText: check_against_library,
    ReviewMeanings: review_meanings,
    ReviewConflicts: review_conflicts,
    SettleConflict: settle_conflict,
    SummariseFindings: summarise_findings,
    CompareDocuments: compare_documents,
    CompareTexts: compare_texts,
    ReviewQuality: review_quality,
    ReadQuality: read_quality,
    DownloadQuality: download_quality,
    ReadTopics: read_topics,
    ListPolicyRules: list_policy_rules,
    SavePolicyRule: save_policy_rule,
    RemovePolicyRule: remove_policy_rule,
    TryPolicyRule: try_policy_rule,
    SwitchPolicyRule: switch_policy_rule,
    ReadPolicyFindings: read_policy_findings,
    Consolidate: consolidate,
    DraftGroup: draft_group,
    PlanDocument: plan_document,
    ProposeOutline: propose_sections,
    WriteDocument: write_document,
    WriteBatch: write_batch,
    RewriteSection: rewrite_section,
    ListDrafts: list_drafts,
    ReadDraft: read_draft,
    ReadDraftFigures: read_draft_figures,
    SaveSection: save_section,
    AnswerGap: answer_gap,
    SettleDisagreement: settle_disagreement,
    RestoreVersion: restore_version,
    CompareVersions: compare_versions,
    CommentDraft: comment_draft,
    ResolveComment: resolve_comment,
    ApproveDraft: approve_draft,
    ReopenDraft: reopen_draft,
    RemoveDraft: remove_draft,
    ListTypes: list_types,
    SaveType: save_type,
    RemoveType: remove_type,
    ListWordTemplates: list_word_templates,
    AddWordTemplate: add_word_template,
    RemoveWordTemplate: remove_word_template,
    FillWordTemplate: fill_word_template,
    ListProfiles: list_profiles,
    SaveProfile: save_profile,
    RemoveProfile: remove_profile,
    Decide: decide,
    UndoDecision: undo_decision,
    ReadHistory: read_history,
    DownloadReview: download_review,
    ReadLabels: read_labels,
    LabelPair: label_pair,
    DownloadLabels: download_labels,
    SummariseWorkspace: summarise_workspace,
    ListJobs: list_jobs,
    CancelJob: cancel_job,
    RedriveJob: redrive_job,
    ReadQueue: read_queue,
    PauseQueue: pause_queue,
    StopQueue: stop_queue,
    ResumeQueue: resume_queue,
    MoveJob: move_job,
    ListSchedules: list_schedules,
    PreviewSchedule: preview_schedule,
    SaveSchedule: save_schedule,
    SwitchSchedule: switch_schedule,
    RemoveSchedule: remove_schedule,
    RunScheduleNow: run_schedule_now,
    ReadHealth: read_health,
    ReadSettings: read_settings,
    ListAlerts: list_alerts,
    AcknowledgeAlert: acknowledge_alert,
    ListSources: list_sources,
    AttachSource: attach_source,
    RemoveSource: remove_source,
    ObserveCache: observe_cache,
    ReadTuning: read_tuning,
    ProposeTuning: propose_tuning,
    ApplyTuning: apply_tuning,
    RollBackTuning: roll_back_tuning,
    StartTrial: start_trial,
    ReadTrial: read_trial,
    EndTrial: end_trial,
    ReplayTrace: replay_trace,
    ReadReplay: read_replay,
    AddTrace: add_trace,
    ListTraces: list_traces,
    RemoveTrace: remove_trace,
    ReadTrace: read_trace_file,
    GenerateTraffic: generate_traffic,
    AskModel: ask_model,
    ExportDocument: export_document,
    BundleExports: bundle_exports,
    BrowseExports: browse_exports,
    ReadExport: read_export,
    ReadExportFigures: read_export_figures,
    RepeatExport: repeat_export,
    RemoveExport: remove_export,
    LinkExport: link_export,
    FollowLink: follow_link,
    TakeExport: take_export,
    TakeManifest: take_manifest,
    PreviewExport: preview_export,
    VerifyFile: verify_file,
}
"""Every request the gateway answers. Each function asks the principal's rights before anything else."""

JOB_KINDS: dict[str, JobKind] = {
    kind.name: kind
    for kind in (
        INGEST_KIND,
        ANALYSE_KIND,
        WRITE_KIND,
        BATCH_KIND,
        REWRITE_KIND,
        EXPORT_KIND,
        BUNDLE_KIND,
        REPLAY_KIND,
        TRAFFIC_KIND,
    )
}
"""What a worker can run."""
