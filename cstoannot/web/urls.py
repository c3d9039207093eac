from allauth.account import views as allauth_views
from django.urls import include, path
from django.views.decorators.http import require_safe

from cstoannot.web import account, archives, code_stylesheet
from cstoannot.web.agreement import (
    disagreement_views,
    evidence_views,
    methods_views,
    precision_views,
    table_views,
)
from cstoannot.web.agreement import views as agreement
from cstoannot.web.annotate import views as annotate
from cstoannot.web.base import hide_secret_url, require_safe_or_post
from cstoannot.web.codebook import edit_views, proposal_views, speaker_views
from cstoannot.web.codebook import views as codebook
from cstoannot.web.compare import network_views, passage_views, reading_views
from cstoannot.web.compare import views as compare
from cstoannot.web.decide.urls import urlpatterns as decide_urlpatterns
from cstoannot.web.exports import views as exports
from cstoannot.web.learning.urls import learning_urls
from cstoannot.web.members import invitation_views
from cstoannot.web.members import views as members
from cstoannot.web.project import (
    api_views,
    history_views,
)
from cstoannot.web.project import handing_out_urls as handing_out
from cstoannot.web.project import views as project
from cstoannot.web.results import link_views, reading
from cstoannot.web.sources import views as sources

_LINKS = "projects/<str:project>/settings/results-links/"

urlpatterns = [
    path("", project.show_projects, name="home"),
    # The login page; `next` is the URL to return to.
    path(
        "account/login/",
        hide_secret_url(require_safe_or_post(allauth_views.login)),
        name="account_login",
    ),
    path("account/logout/", require_safe_or_post(allauth_views.logout), name="account_logout"),
    path(
        "account/password/",
        require_safe_or_post(allauth_views.password_change),
        name="account_change_password",
    ),
    path("account/closed/", require_safe(allauth_views.account_inactive), name="account_inactive"),
    path("account/tokens/", account.manage_tokens_view, name="tokens"),
    path("account/tokens/revoke/", account.revoke_all_tokens_view, name="tokens_revoke_all"),
    path("account/tokens/<slug:key>/revoke/", account.revoke_token_view, name="token_revoke"),
    path("join/<str:secret>/", invitation_views.accept_invitation_view, name="join"),
    path("robots.txt", reading.serve_robots_txt, name="robots"),
    path("results/<str:secret>/", reading.show_results, name="results"),
    path("results/<str:secret>/<path:rest>", reading.show_results, name="results_page"),
    path("projects/new/", project.create_project_view, name="project_new"),
    path("projects/restore/", archives.restore_project_view, name="project_restore"),
    path("projects/<str:project>/", project.show_project, name="project"),
    path("projects/<str:project>/restore/", project.undelete_project_view, name="project_undelete"),
    path("projects/<str:project>/api/", api_views.show_api_page, name="programs"),
    path("projects/<str:project>/history/", history_views.show_history, name="history"),
    path(
        "projects/<str:project>/invitations/",
        invitation_views.create_invitation_view,
        name="invitations",
    ),
    path(
        "projects/<str:project>/invitations/<uuid:invitation>/withdraw/",
        invitation_views.withdraw_invitation_view,
        name="invitation_withdraw",
    ),
    path("projects/<str:project>/members/", members.manage_members_view, name="members"),
    path(
        "projects/<str:project>/members/<str:username>/",
        members.change_member_view,
        name="member_change",
    ),
    path(
        "projects/<str:project>/members/<str:username>/remove/",
        members.remove_member_view,
        name="member_remove",
    ),
    path("projects/<str:project>/outsiders/tie/", members.tie_namesakes_view, name="outsiders_tie"),
    path(
        "projects/<str:project>/outsiders/<path:outsider>/tie/",
        members.tie_outsider_view,
        name="outsider_tie",
    ),
    path(
        "projects/<str:project>/outsiders/<path:outsider>/untie/",
        members.untie_outsider_view,
        name="outsider_untie",
    ),
    path("projects/<str:project>/settings/", project.edit_settings_view, name="settings"),
    path(_LINKS, link_views.manage_results_links_view, name="results_links"),
    path(
        f"{_LINKS}<uuid:results_link>/revoke/",
        link_views.revoke_results_link_view,
        name="results_link_revoke",
    ),
    path(
        "projects/<str:project>/settings/delete/",
        project.delete_project_view,
        name="project_delete",
    ),
    path("projects/<str:project>/sources/new/", sources.add_sources_view, name="source_new"),
    path(
        "projects/<str:project>/sources/removed/",
        sources.show_removed_sources,
        name="sources_removed",
    ),
    path(
        "projects/<str:project>/sources/<int:source>/", annotate.show_annotate_page, name="annotate"
    ),
    path(
        "projects/<str:project>/sources/<int:source>/edit/",
        sources.edit_source_view,
        name="source_edit",
    ),
    path(
        "projects/<str:project>/sources/<int:source>/remove/",
        sources.remove_source_view,
        name="source_remove",
    ),
    path(
        "projects/<str:project>/sources/<int:source>/restore/",
        sources.restore_source_view,
        name="source_restore",
    ),
    *handing_out.urlpatterns,
    path("projects/<str:project>/codebook/", codebook.show_codebook, name="codebook"),
    path("projects/<str:project>/speakers/", speaker_views.show_speakers, name="speakers"),
    path(
        "projects/<str:project>/speakers/<uuid:speaker>/merge/",
        speaker_views.merge_speaker_view,
        name="speaker_merge",
    ),
    path(
        "projects/<str:project>/speakers/<uuid:speaker>/unmerge/",
        speaker_views.unmerge_speaker_view,
        name="speaker_unmerge",
    ),
    path(
        "projects/<str:project>/codebook/told-apart/",
        codebook.show_lookalike_codes,
        name="codes_told_apart",
    ),
    path(
        "projects/<str:project>/codebook/<str:code>/recolour/",
        codebook.recolour_code_view,
        name="code_recolour",
    ),
    path(
        "projects/<str:project>/codebook/<str:code>/rename/",
        codebook.rename_code_view,
        name="code_rename",
    ),
    path("projects/<str:project>/codebook/new/", edit_views.create_code_view, name="code_new"),
    path(
        "projects/<str:project>/codebook/new-list/",
        edit_views.create_code_list_view,
        name="code_list_new",
    ),
    path(
        "projects/<str:project>/codebook/revisions/",
        codebook.show_codebook_revisions,
        name="revisions",
    ),
    path(
        "projects/<str:project>/codebook/proposals/<uuid:proposal>/",
        proposal_views.decide_proposal_view,
        name="proposal",
    ),
    path(
        "projects/<str:project>/codebook/proposals/<uuid:proposal>/withdraw/",
        proposal_views.withdraw_proposal_view,
        name="proposal_withdraw",
    ),
    path(
        "projects/<str:project>/codebook/<str:code>/edit/",
        edit_views.edit_code_view,
        name="code_edit",
    ),
    path(
        "projects/<str:project>/codebook/<str:code>/move/",
        edit_views.move_code_view,
        name="code_move",
    ),
    path(
        "projects/<str:project>/codebook/<str:code>/merge/",
        edit_views.merge_code_view,
        name="code_merge",
    ),
    path(
        "projects/<str:project>/codebook/<str:code>/retire/",
        edit_views.retire_code_view,
        name="code_retire",
    ),
    path(
        "projects/<str:project>/codebook/<str:code>/delete/",
        edit_views.delete_code_view,
        name="code_delete",
    ),
    path("projects/<str:project>/codes.css", code_stylesheet.serve_codes_css, name="codes_css"),
    path("projects/<str:project>/agreement/", agreement.show_agreement, name="agreement"),
    path(
        "projects/<str:project>/agreement/card/",
        agreement.show_agreement_card,
        name="agreement_card",
    ),
    path(
        "projects/<str:project>/agreement/diagnostics/",
        agreement.show_diagnostics,
        name="agreement_diagnostics",
    ),
    path(
        "projects/<str:project>/agreement/mixed/",
        agreement.show_mixed_codes,
        name="agreement_mixed",
    ),
    path(
        "projects/<str:project>/agreement/evidence/",
        evidence_views.show_evidence,
        name="agreement_evidence",
    ),
    path(
        "projects/<str:project>/agreement/counted/",
        evidence_views.show_counted_items,
        name="agreement_counted",
    ),
    path(
        "projects/<str:project>/agreement/figure.svg",
        agreement.serve_agreement_figure,
        name="agreement_figure",
    ),
    path(
        "projects/<str:project>/agreement/codes.csv",
        agreement.download_code_agreement_csv,
        name="codes_csv",
    ),
    path(
        "projects/<str:project>/agreement/mixed.csv",
        agreement.download_mixed_codes_csv,
        name="mixed_csv",
    ),
    path(
        "projects/<str:project>/agreement/citations.bib",
        methods_views.download_bibtex,
        name="citations_bib",
    ),
    path(
        "projects/<str:project>/agreement/citations.ris",
        methods_views.download_ris,
        name="citations_ris",
    ),
    path(
        "projects/<str:project>/agreement/codes.tsv",
        methods_views.download_apa_table,
        name="apa_table",
    ),
    path(
        "projects/<str:project>/agreement/remarks.csv",
        agreement.download_remarks_csv,
        name="remarks_csv",
    ),
    path(
        "projects/<str:project>/agreement/pairs.csv",
        agreement.download_pair_agreement_csv,
        name="pairs_csv",
    ),
    path(
        "projects/<str:project>/agreement/sources.csv",
        agreement.download_source_agreement_csv,
        name="sources_csv",
    ),
    path(
        "projects/<str:project>/agreement/tables/",
        table_views.show_code_table,
        name="agreement_table",
    ),
    path(
        "projects/<str:project>/agreement/tables.csv",
        table_views.download_code_table_csv,
        name="agreement_table_csv",
    ),
    path(
        "projects/<str:project>/agreement/profiles/",
        table_views.show_coder_profiles,
        name="agreement_profiles",
    ),
    path(
        "projects/<str:project>/agreement/profiles.csv",
        table_views.download_profiles_csv,
        name="agreement_profiles_csv",
    ),
    path(
        "projects/<str:project>/agreement/precision/",
        precision_views.show_precision,
        name="agreement_precision",
    ),
    path(
        "projects/<str:project>/agreement/precision.csv",
        precision_views.download_precision_csv,
        name="agreement_precision_csv",
    ),
    *learning_urls,
    path("projects/<str:project>/compare/", compare.show_comparison_matrix, name="compare"),
    path(
        "projects/<str:project>/compare/matrix.csv", compare.download_matrix_csv, name="compare_csv"
    ),
    path(
        "projects/<str:project>/compare/matrix.svg",
        compare.serve_matrix_figure,
        name="compare_figure",
    ),
    path(
        "projects/<str:project>/compare/omissions/",
        compare.show_omissions,
        name="compare_omissions",
    ),
    path("projects/<str:project>/export/", exports.show_export, name="export"),
    path(
        "projects/<str:project>/export/<str:format>/", exports.download_export, name="export_file"
    ),
    path(
        "projects/<str:project>/compare/passages/",
        passage_views.show_compared_passages,
        name="compare_passages",
    ),
    path(
        "projects/<str:project>/compare/passages.csv",
        passage_views.download_passages_csv,
        name="compare_passages_csv",
    ),
    path(
        "projects/<str:project>/compare/reading/",
        reading_views.show_side_by_side,
        name="compare_reading",
    ),
    path(
        "projects/<str:project>/compare/network/",
        network_views.show_network,
        name="compare_network",
    ),
    path(
        "projects/<str:project>/compare/network/edge/",
        network_views.show_network_edge,
        name="compare_edge",
    ),
    path(
        "projects/<str:project>/compare/network/figure.svg",
        network_views.serve_network_figure,
        name="compare_network_figure",
    ),
    path(
        "projects/<str:project>/compare/network/edges.csv",
        network_views.download_edges_csv,
        name="compare_network_edges",
    ),
    path(
        "projects/<str:project>/compare/network/nodes.csv",
        network_views.download_nodes_csv,
        name="compare_network_nodes",
    ),
    path(
        "projects/<str:project>/compare/network/network.graphml",
        network_views.download_graphml,
        name="compare_network_graphml",
    ),
    path(
        "projects/<str:project>/compare/network/network.gexf",
        network_views.download_gexf,
        name="compare_network_gexf",
    ),
    path(
        "projects/<str:project>/disagreements/",
        disagreement_views.show_disagreements,
        name="disagreements",
    ),
    path(
        "projects/<str:project>/disagreements/<int:number>/",
        disagreement_views.show_disagreement,
        name="disagreement",
    ),
    *decide_urlpatterns,
    path("projects/<str:project>/threads/", include("cstoannot.web.threads.urls")),
]
