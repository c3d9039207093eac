from typing import Any

from django.urls import path, register_converter
from django.urls.converters import UUIDConverter
from django.urls.resolvers import URLPattern

from cstoannot.api import (
    agreement,
    annotations,
    assignments,
    codes,
    comparison,
    comparison_passages,
    disagreements,
    docs,
    events,
    exports,
    invitations,
    me,
    members,
    network,
    projects,
    proposals,
    sources,
    speakers,
    webannotation,
)


class UUIDOfEitherCase(UUIDConverter):
    """As RFC 9562 has it: macOS, for one, makes identifiers in capitals."""

    regex = UUIDConverter.regex.replace("a-f", "a-fA-F")


register_converter(UUIDOfEitherCase, "id")


def _in_project(route: str, view: Any, name: str | None = None) -> URLPattern:
    return path(f"projects/<str:project>/{route}", view.as_view(), name=name)


urlpatterns = [
    path("schema/", docs.Description.as_view(), name="api_schema"),
    path("docs/", docs.Documentation.as_view(), name="api_docs"),
    path("me/", me.Me.as_view()),
    path("me/tokens/", me.Tokens.as_view()),
    path("me/tokens/<str:key>/", me.OneToken.as_view()),
    path("invitations/accept/", invitations.AcceptedInvitation.as_view()),
    path("projects/", projects.Projects.as_view()),
    _in_project("", projects.OneProject),
    _in_project("restore/", projects.RestoredProject),
    _in_project("members/", members.Members),
    _in_project("members/<str:username>/", members.OneMember),
    _in_project("invitations/", invitations.Invitations),
    _in_project("invitations/<id:invitation>/", invitations.OneInvitation),
    _in_project("sources/", sources.Sources, "api_sources"),
    _in_project("sources/<int:source>/", sources.OneSource),
    _in_project("sources/<int:source>/text/", sources.SourceText),
    _in_project("sources/<int:source>/segments/", sources.SourceSegments),
    _in_project("codes/", codes.Codes),
    _in_project("codes/<str:code>/", codes.OneCode),
    _in_project("codes/<str:code>/merge/", codes.CodeMerge),
    _in_project("codes/<str:code>/move/", codes.CodeMove),
    _in_project("code-proposals/", proposals.Proposals),
    _in_project("code-proposals/<id:proposal>/", proposals.OneProposal),
    _in_project("code-proposals/<id:proposal>/accept/", proposals.AcceptedProposal),
    _in_project("code-proposals/<id:proposal>/decline/", proposals.DeclinedProposal),
    _in_project("codebook/revisions/", codes.Revisions),
    _in_project("codebook/revisions/<int:number>/", codes.OneRevision),
    _in_project("assignments/", assignments.Assignments),
    _in_project("assignments/<id:assignment>/", assignments.OneAssignment),
    _in_project("annotations/", annotations.Annotations),
    _in_project("annotations/<id:annotation>/", annotations.OneAnnotation),
    _in_project("speakers/", speakers.Speakers),
    _in_project("speakers/<id:speaker>/", speakers.OneSpeaker),
    _in_project("speakers/<id:speaker>/merge/", speakers.SpeakerMerge),
    _in_project("events/", events.Events),
    _in_project("export/", exports.Exports),
    _in_project("export/<str:format>/", exports.OneExport),
    _in_project("webannotation/", webannotation.WebAnnotations),
    _in_project("agreement/", agreement.Agreement),
    _in_project("disagreements/", disagreements.DisagreementList),
    _in_project("comparison/", comparison.ComparisonView),
    _in_project("comparison/network/", network.ComparisonNetwork),
    _in_project("comparison/passages/", comparison_passages.ComparisonPassages),
]
