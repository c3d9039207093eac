from typing import Any

from django.urls import path, register_converter
from django.urls.converters import UUIDConverter
from django.urls.resolvers import URLPattern

from cstoannot.api import (
    agreement,
    agreement_consensus,
    agreement_precision,
    agreement_remarks,
    agreement_rounds,
    agreement_tables,
    annotations,
    assignments,
    codes,
    comparison,
    comparison_network,
    comparison_passages,
    decisions,
    disputed_places,
    events,
    exports,
    invitations,
    me,
    members,
    own_decisions,
    plans,
    projects,
    proposals,
    results_links,
    rounds,
    schema,
    sources,
    speakers,
    thread_comments,
    threads,
)


class AnyCaseUUIDConverter(UUIDConverter):
    """Accepts UUIDs in any case, as RFC 9562 requires; macOS, for one, generates capitals."""

    regex = UUIDConverter.regex.replace("a-f", "a-fA-F")


register_converter(AnyCaseUUIDConverter, "id")


def _build_project_path(route: str, view: Any, name: str | None = None) -> URLPattern:
    return path(f"projects/<str:project>/{route}", view.as_view(), name=name)


urlpatterns = [
    path("schema/", schema.ApiDescriptionView.as_view(), name="api_schema"),
    path("docs/", schema.ApiDocumentationView.as_view(), name="api_docs"),
    path("me/", me.MeView.as_view()),
    path("me/tokens/", me.TokenListView.as_view()),
    path("me/tokens/<str:key>/", me.TokenDetailView.as_view()),
    path("invitations/accept/", invitations.InvitationAcceptView.as_view()),
    path("projects/", projects.ProjectListView.as_view()),
    _build_project_path("", projects.ProjectDetailView),
    _build_project_path("restore/", projects.ProjectRestoreView),
    _build_project_path("members/", members.MemberListView),
    _build_project_path("members/<str:username>/", members.MemberDetailView),
    _build_project_path("invitations/", invitations.InvitationListView),
    _build_project_path("invitations/<id:invitation>/", invitations.InvitationDetailView),
    _build_project_path("results-links/", results_links.ResultsLinkListView),
    _build_project_path("results-links/<id:results_link>/", results_links.ResultsLinkDetailView),
    _build_project_path("sources/", sources.SourceListView, "api_sources"),
    _build_project_path("sources/<int:source>/", sources.SourceDetailView),
    _build_project_path("sources/<int:source>/text/", sources.SourceTextView),
    _build_project_path("sources/<int:source>/segments/", sources.SourceSegmentsView),
    _build_project_path("codes/", codes.CodeListView),
    _build_project_path("codes/<str:code>/", codes.CodeDetailView),
    _build_project_path("codes/<str:code>/merge/", codes.CodeMergeView),
    _build_project_path("codes/<str:code>/move/", codes.CodeMoveView),
    _build_project_path("code-proposals/", proposals.ProposalListView),
    _build_project_path("code-proposals/<id:proposal>/", proposals.ProposalDetailView),
    _build_project_path("code-proposals/<id:proposal>/accept/", proposals.ProposalAcceptView),
    _build_project_path("code-proposals/<id:proposal>/decline/", proposals.ProposalDeclineView),
    _build_project_path("codebook/revisions/", codes.RevisionListView),
    _build_project_path("codebook/revisions/<int:number>/", codes.RevisionDetailView),
    _build_project_path("assignments/", assignments.AssignmentListView),
    _build_project_path("assignments/<id:assignment>/", assignments.AssignmentDetailView),
    _build_project_path("assignments/<id:assignment>/practice/", agreement_consensus.PracticeView),
    _build_project_path("plans/", plans.PlanListView),
    _build_project_path("plans/hand-on/", plans.PlanHandOnView),
    _build_project_path("plans/<id:plan>/", plans.PlanDetailView),
    _build_project_path("plans/<id:plan>/extend/", plans.PlanExtensionView),
    _build_project_path("rounds/", rounds.RoundListView),
    _build_project_path("rounds/<id:round>/", rounds.RoundDetailView),
    _build_project_path("annotations/", annotations.AnnotationListView),
    _build_project_path("annotations/<id:annotation>/", annotations.AnnotationDetailView),
    _build_project_path("speakers/", speakers.SpeakerListView),
    _build_project_path("speakers/<id:speaker>/", speakers.SpeakerDetailView),
    _build_project_path("speakers/<id:speaker>/merge/", speakers.SpeakerMergeView),
    _build_project_path("threads/", threads.ThreadListView),
    _build_project_path("threads/<id:thread>/", threads.ThreadDetailView),
    _build_project_path("threads/<id:thread>/read/", threads.ThreadReadView),
    _build_project_path("threads/<id:thread>/proposal/", threads.ThreadProposalView),
    _build_project_path("threads/<id:thread>/comments/", thread_comments.CommentListView),
    _build_project_path(
        "threads/<id:thread>/comments/<id:comment>/", thread_comments.CommentDetailView
    ),
    _build_project_path("events/", events.EventListView),
    _build_project_path("export/", exports.ExportFormatListView),
    _build_project_path("export/<str:format>/", exports.ExportFileView),
    _build_project_path("webannotation/", exports.WebAnnotationView),
    _build_project_path("agreement/", agreement.AgreementView),
    _build_project_path("agreement/precision/", agreement_precision.PrecisionView),
    _build_project_path("agreement/rounds/", agreement_rounds.RoundTrendView),
    _build_project_path("agreement/difference/", agreement_precision.DifferenceView),
    _build_project_path("agreement/consensus/", agreement_consensus.ConsensusAgreementView),
    _build_project_path("agreement/tables/", agreement_tables.CodeTableView),
    _build_project_path("agreement/profiles/", agreement_tables.ProfileListView),
    _build_project_path("agreement/remarks/", agreement_remarks.AgreementRemarksView),
    _build_project_path("disagreements/", agreement.DisagreementListView),
    _build_project_path("disagreements/places/", disputed_places.DisputedPlaceListView),
    _build_project_path("decisions/", decisions.DecidablePlaceListView),
    _build_project_path("decisions/adopt/", decisions.AdoptAgreedView),
    _build_project_path("decisions/mine/", own_decisions.OwnDecisionListView),
    _build_project_path("decisions/open/", own_decisions.OpenDecisionsView),
    _build_project_path("decisions/<id:place>/", decisions.DecidablePlaceDetailView),
    _build_project_path("comparison/", comparison.ComparisonView),
    _build_project_path("comparison/network/", comparison_network.ComparisonNetworkView),
    _build_project_path("comparison/passages/", comparison_passages.ComparedPassageListView),
]
